import { isFieldsyncError, ulidIds } from '@fieldsync/client'
import { numberRange, type Playbook, PlaybookRule } from '@fieldsync/contracts'
import { Button, Checkbox, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useMemo, useState } from 'react'

import { useMessages } from '../../messages/messages.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { useSignedIn } from '../../server/server.ts'
import { Differences } from './differences.tsx'
import { draftPatch, editableLeaves, isReason } from './draft-patch.ts'
import { nameOf } from './value-words.ts'

type Props = { playbook: Playbook; close: () => void; again: (current: Playbook) => void }

/** Changes allowed values, shows what will differ, and applies it with a reason. */
export function EditPlaybook({ playbook, close, again }: Props) {
  const { t } = useMessages()
  const { server, session } = useSignedIn()
  const queries = useQueryClient()
  const [typed, setTyped] = useState<ReadonlyMap<string, string | boolean>>(new Map())
  const [reason, setReason] = useState('')
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
      await queries.invalidateQueries()
      close()
    },
  })
  const set = (path: string, value: string | boolean): void => setTyped(new Map([...typed, [path, value]]))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (draft.wrong.size === 0 && draft.operations.length > 0 && isReason(reason)) application.mutate()
  }
  const reload = async (): Promise<void> => {
    again(await server.api.playbooks.get.query({ playbookId: playbook.playbookId }))
  }
  return (
    <form className="card" onSubmit={submit} noValidate>
      <h2>{t('edit.title', { version: String(playbook.version) })}</h2>
      <p className="soft">{t('edit.lead')}</p>
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
        <Button variant="default" onClick={close}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}

type FieldsProps = {
  playbook: Playbook
  typed: ReadonlyMap<string, string | boolean>
  wrong: ReadonlyMap<string, string>
  set: (path: string, value: string | boolean) => void
}

function Fields({ playbook, typed, wrong, set }: FieldsProps) {
  const { t, formats } = useMessages()
  const leaves = editableLeaves(playbook)
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
          const why = range === undefined ? t('edit.wrong', { why: wrong.get(path) ?? '' }) : t('edit.number')
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
              value={String(now)}
              inputMode={typeof value === 'number' ? 'decimal' : 'text'}
              onChange={(event) => set(path, event.currentTarget.value)}
              description={
                range && t('edit.range', { min: formats.number(range.min), max: formats.number(range.max) })
              }
              error={wrong.has(path) ? why : undefined}
            />
          )
        })}
    </fieldset>
  ))
}
