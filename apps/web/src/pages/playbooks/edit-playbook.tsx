import { isFieldsyncError, ulidIds } from '@fieldsync/client'
import { numberRange, type NumberRange, type Playbook, PlaybookRule } from '@fieldsync/contracts'
import {
  breachText,
  storedAsTyped,
  typedText,
  type Unit,
  unitOf,
  unitSymbol,
  withTypedUnit,
} from '@fieldsync/messages'
import { Button, Checkbox, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useMemo, useState } from 'react'

import { ErrorNote } from '../../components/error-note.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useSignedIn } from '../../server/server.ts'
import { Differences } from './differences.tsx'
import { type Draft, draftPatch, editableLeaves, isReason } from './draft-patch.ts'
import type { UnsavedEdit, UnsavedEdits } from './unsaved-edit.ts'
import { nameOf } from './value-text.ts'

/** What the form begins with: a version, and what was typed on it or on the one before. */
export type Editing = Omit<UnsavedEdit, 'at'> & {
  /** Whether it was typed before the page was last loaded. */
  readonly restored: boolean
}

type Props = {
  editing: Editing
  unsaved: UnsavedEdits
  close: () => void
  again: (editing: Editing) => void
}

/** Changes allowed values, shows what will differ, and applies it with a reason. */
export function EditPlaybook({ editing, unsaved, close, again }: Props) {
  const { t } = useMessages()
  const { server, session } = useSignedIn()
  const queries = useQueryClient()
  const { playbook } = editing
  const [typed, setTyped] = useState<ReadonlyMap<string, string | boolean>>(new Map(editing.typed))
  const [reason, setReason] = useState(editing.reason)
  const [tried, setTried] = useState(false)
  const draft = useMemo(() => draftPatch(playbook, typed), [playbook, typed])
  // One id for one content: sent again after a lost answer it is applied once.
  const patchId = useMemo(() => ulidIds(server.clock, server.random).patch(), [server, draft, reason])
  const application = useMutation({
    mutationFn: () =>
      server.api.playbooks.applyPatch.mutate({
        patchId,
        playbookId: playbook.playbookId,
        baseVersion: playbook.version,
        requestedByDeviceId: session.deviceId,
        requestedAt: new Date(server.clock.now()).toISOString(),
        reason,
        operations: draft.operations,
      }),
    onSuccess: async () => {
      await unsaved.drop()
      await queries.invalidateQueries()
      close()
    },
  })
  const touched = typed.size > 0 || reason !== ''
  useEffect(() => {
    if (touched) void unsaved.keep({ playbook, typed: [...typed], reason, at: Date.now() })
  }, [unsaved, playbook, typed, reason, touched])
  const discard = (): void => {
    void unsaved.drop()
    close()
  }
  const set = (path: string, value: string | boolean): void => setTyped(new Map([...typed, [path, value]]))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (draft.wrong.size === 0 && draft.operations.length > 0 && isReason(reason)) application.mutate()
  }
  const reload = async (): Promise<void> => {
    const current = await server.api.playbooks.get.query({ playbookId: playbook.playbookId })
    const there = new Set(editableLeaves(current).map(({ path }) => path))
    again({
      playbook: current,
      typed: [...typed].filter(([path]) => there.has(path)),
      reason,
      restored: false,
    })
  }
  return (
    <form className="card" onSubmit={submit} noValidate>
      <h2>{t('edit.title', { version: String(playbook.version) })}</h2>
      <p className="soft">{t('edit.lead')}</p>
      {editing.restored ? (
        <p className="note" role="status">
          {t('edit.restored')}
        </p>
      ) : null}
      <Fields playbook={playbook} typed={typed} wrong={draft.wrong} set={set} />
      <h2>{t('edit.preview')}</h2>
      <Differences changes={draft.changes} />
      <Textarea
        label={t('edit.reason')}
        description={t('edit.reason.about')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={tried && !isReason(reason) ? t('edit.reason.wrong') : undefined}
        autosize
        minRows={2}
      />
      {isFieldsyncError(application.error, 'PLAYBOOK_VERSION_MISMATCH') ? (
        <div className="note waiting" role="alert">
          <p>{t('edit.mismatch')}</p>
          <Button variant="default" size="xs" onClick={() => void reload()}>
            {t('edit.mismatch.go')}
          </Button>
        </div>
      ) : application.error === null ? null : (
        <ErrorNote error={application.error} />
      )}
      <div className="row">
        <Button type="submit" loading={application.isPending} disabled={draft.operations.length === 0}>
          {t('edit.apply')}
        </Button>
        <Button variant="default" onClick={discard}>
          {t(touched ? 'edit.discard' : 'cancel')}
        </Button>
      </div>
    </form>
  )
}

type FieldsProps = {
  playbook: Playbook
  typed: ReadonlyMap<string, string | boolean>
  wrong: Draft['wrong']
  set: (path: string, value: string | boolean) => void
}

function Fields({ playbook, typed, wrong, set }: FieldsProps) {
  const { t, formats } = useMessages()
  const leaves = editableLeaves(playbook)
  const boundsText = (range: NumberRange, unit: Unit | undefined): string => {
    const bounds = formats.bounds(unit, range)
    return unit === undefined
      ? t('edit.range', bounds)
      : t('edit.range.unit', { ...bounds, unit: unitSymbol(unit, formats.units) })
  }
  return Object.entries(playbook.rules).map(([ruleId, { issue, severity }]) => (
    <fieldset key={ruleId} className="filters">
      <legend>
        {t(`issue.${issue}`)} · {t(`severity.${severity}`)}
      </legend>
      {leaves
        .filter(({ segments }) => segments[1] === ruleId)
        .map(({ path, segments, value }) => {
          const label = nameOf(segments, t)
          const now = typed.get(path) ?? value
          const range = numberRange(PlaybookRule, segments.slice(2))
          const unit = typeof value === 'number' ? unitOf(segments.at(-1) ?? '') : undefined
          const breach = wrong.get(path)
          const why =
            range === undefined || breach === undefined
              ? breachText({ t, formats }, breach ?? null, path)
              : t('edit.number')
          if (typeof value === 'boolean') {
            return (
              <Checkbox
                key={path}
                label={label}
                checked={now === true}
                onChange={(event) => set(path, event.currentTarget.checked)}
              />
            )
          }
          return (
            <TextInput
              key={path}
              label={label}
              value={
                unit === undefined
                  ? String(now)
                  : typedText(
                      unit,
                      typeof now === 'number' ? storedAsTyped(unit, now) : String(now),
                      formats.units,
                    )
              }
              inputMode={typeof value === 'number' ? 'decimal' : 'text'}
              onChange={({ currentTarget: { value: text } }) =>
                set(path, unit === undefined ? text : withTypedUnit(unit, text, formats.units))
              }
              description={range && boundsText(range, unit)}
              error={wrong.has(path) ? why : undefined}
            />
          )
        })}
    </fieldset>
  ))
}
