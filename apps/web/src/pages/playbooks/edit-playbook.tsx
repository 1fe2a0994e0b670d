import { isFieldsyncError, ulidIds } from '@fieldsync/client'
import {
  numberRange,
  type NumberRange,
  type PatchApplyResult,
  type Playbook,
  PlaybookRule,
  type Proposal,
} from '@fieldsync/contracts'
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
import { type GetInputPropsReturnType, useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ChangeEvent, useEffect, useMemo, useRef } from 'react'

import { ErrorNote, LockedNote } from '../../components/error-note.tsx'
import { focusFirstInvalid } from '../../components/form.ts'
import { nameOf } from '../../components/value-text.ts'
import { useMessages, useMomentText } from '../../messages/messages.tsx'
import { useMay, useSignedIn } from '../../server/server.ts'
import { withheldAt } from '../grants/grant-tree.ts'
import { AffectedRecommendations } from '../recommendations/affected-recommendations.tsx'
import { Differences } from './differences.tsx'
import { type Draft, draftPatch, editableLeaves, isReason, patchToSend } from './draft-patch.ts'
import type { Leaf } from './leaves.ts'
import type { UnsavedEdit, UnsavedEdits } from './unsaved-edit.ts'

/** What the form begins with: a version, and what was typed on it or on the one before. */
export type Editing = Omit<UnsavedEdit, 'at'> & {
  /** Whether it was typed before the page was last loaded. */
  readonly restored: boolean
}

type Props = {
  editing: Editing
  unsaved: UnsavedEdits
  close: () => void
  /** What became of it: applied, or proposed where changes take two persons. */
  done: (made: PatchApplyResult | Proposal) => void
  again: (editing: Editing) => void
}

type Typed = { readonly values: readonly (string | boolean)[]; readonly reason: string }

/** Changes allowed values, shows what will differ, and applies it with a reason. */
export function EditPlaybook({ editing, unsaved, close, done, again }: Props) {
  const { t } = useMessages()
  const { server, session } = useSignedIn()
  const mayApply = useMay('playbooks.applyPatch')
  const queries = useQueryClient()
  const { playbook } = editing
  const leaves = useMemo(() => editableLeaves(playbook), [playbook])
  const sent = useRef(editing.sent)
  const heading = useRef<HTMLHeadingElement>(null)
  /** The values that differ from the version's, by path. */
  const changedOf = ({ values }: Typed): Map<string, string | boolean> =>
    new Map(
      leaves.flatMap((leaf, index) => {
        const value = values[index]
        return value === undefined || value === textOf(leaf) ? [] : [[leaf.path, value] as const]
      }),
    )
  const store = async (typed: Typed): Promise<void> => {
    const own = [...changedOf(typed)]
    const edit = { playbook, typed: own, reason: typed.reason, sent: sent.current, at: Date.now() }
    await (own.length > 0 || typed.reason !== '' ? unsaved.keep(edit) : unsaved.drop())
  }
  const before = new Map(editing.typed)
  const form = useForm<Typed>({
    initialValues: {
      values: leaves.map((leaf) => before.get(leaf.path) ?? textOf(leaf)),
      reason: editing.reason,
    },
    validate: (typed) => {
      const { wrong } = draftPatch(playbook, changedOf(typed))
      const fields = leaves.flatMap(({ path }, index) => (wrong.has(path) ? [[`values.${index}`, true]] : []))
      return { ...Object.fromEntries(fields), reason: isReason(typed.reason) ? null : true }
    },
    onValuesChange: (typed) => void store(typed),
  })
  const changed = changedOf(form.values)
  const draft = draftPatch(playbook, changed)
  useEffect(() => {
    if (!editing.restored) heading.current?.focus()
  }, [editing])
  const application = useMutation({
    mutationFn: async () => {
      const patch = patchToSend(sent.current, {
        patchId: ulidIds(server.clock, server.random).patch(),
        playbookId: playbook.playbookId,
        baseVersion: playbook.version,
        requestedByDeviceId: session.deviceId,
        requestedAt: new Date(server.clock.now()).toISOString(),
        reason: form.values.reason,
        operations: draft.operations,
      })
      if (!sent.current.includes(patch)) sent.current = [...sent.current, patch]
      // Also where it cannot be stored it is sent.
      await store(form.values).catch(() => undefined)
      return await server.api.playbooks.applyPatch.mutate(patch)
    },
    onSuccess: async (made) => {
      await unsaved.drop()
      await queries.invalidateQueries()
      done(made)
      close()
    },
  })
  const discard = (): void => {
    void unsaved.drop()
    close()
  }
  const rebase = useMutation({
    mutationFn: async () => {
      const current = await server.api.playbooks.get.query({ playbookId: playbook.playbookId })
      const there = new Set(editableLeaves(current).map(({ path }) => path))
      const edit = {
        playbook: current,
        typed: [...changed].filter(([path]) => there.has(path)),
        reason: form.values.reason,
        sent: [],
      }
      await unsaved.keep({ ...edit, at: Date.now() })
      again({ ...edit, restored: false })
    },
  })
  return (
    <form
      className="card"
      onSubmit={form.onSubmit(() => application.mutate(), focusFirstInvalid(form))}
      noValidate
    >
      <h2 ref={heading} tabIndex={-1}>
        {t('edit.title', { version: String(playbook.version) })}
      </h2>
      <p className="soft">{t('edit.lead')}</p>
      {editing.restored ? (
        <p className="note calm" role="status">
          {t('edit.restored')}
        </p>
      ) : null}
      <Fields
        playbook={playbook}
        leaves={leaves}
        wrong={draft.wrong}
        inputOf={(index, type) => form.getInputProps(`values.${index}`, { type })}
      />
      <h2>{t('edit.preview')}</h2>
      <Differences changes={draft.changes} />
      {draft.after === null ? null : <AffectedRecommendations after={draft.after} />}
      <Textarea
        label={t('edit.reason')}
        description={t('edit.reason.about')}
        {...form.getInputProps('reason')}
        error={form.errors['reason'] ? t('edit.reason.wrong') : undefined}
        autosize
        minRows={2}
      />
      {isFieldsyncError(application.error, 'PLAYBOOK_VERSION_MISMATCH') ? (
        <div className="note waiting" role="alert">
          <p>{t('edit.mismatch')}</p>
          <Button variant="default" size="xs" loading={rebase.isPending} onClick={() => rebase.mutate()}>
            {t('edit.mismatch.go')}
          </Button>
          {rebase.error === null ? null : <ErrorNote error={rebase.error} />}
        </div>
      ) : application.error === null ? null : (
        <ErrorNote error={application.error} />
      )}
      {mayApply ? null : <LockedNote />}
      <div className="row">
        <Button
          type="submit"
          loading={application.isPending}
          disabled={draft.operations.length === 0 || !mayApply}
        >
          {t(session.fourEyes === true ? 'publish.propose' : 'edit.apply')}
        </Button>
        <Button variant="default" onClick={discard}>
          {t(changed.size > 0 || form.values.reason !== '' ? 'edit.discard' : 'cancel')}
        </Button>
      </div>
    </form>
  )
}

/** A value of the playbook as its field shows it. */
const textOf = ({ value }: Leaf): string | boolean => (typeof value === 'boolean' ? value : String(value))

type FieldsProps = {
  playbook: Playbook
  leaves: readonly Leaf[]
  wrong: Draft['wrong']
  inputOf: (index: number, type: 'input' | 'checkbox') => GetInputPropsReturnType
}

function Fields({ playbook, leaves, wrong, inputOf }: FieldsProps) {
  const { t, formats } = useMessages()
  const withheld = useWithheld(playbook)
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
      {leaves.map(({ path, segments, value }, index) => {
        if (segments[1] !== ruleId) return null
        const label = nameOf(segments, t)
        const why = withheld(segments)
        const locked = why === undefined ? {} : { disabled: true, description: why }
        if (typeof value === 'boolean')
          return <Checkbox key={path} label={label} {...inputOf(index, 'checkbox')} {...locked} />
        const range = numberRange(PlaybookRule, segments.slice(2))
        const unit = typeof value === 'number' ? unitOf(segments.at(-1) ?? '') : undefined
        const breach = wrong.get(path)
        const problem =
          range === undefined || breach === undefined
            ? breachText({ t, formats }, breach ?? null, path)
            : t('edit.number')
        const input = inputOf(index, 'input')
        const error = wrong.has(path) ? problem : undefined
        if (segments.at(-1) === 'instructions')
          return (
            <Textarea
              key={path}
              className="wide"
              label={label}
              {...input}
              {...locked}
              error={error}
              autosize
            />
          )
        const text = String(input.value)
        const isStored = typeof value === 'number' && text === String(value)
        const inUnit = unit !== undefined && {
          value: typedText(unit, isStored ? storedAsTyped(unit, value) : text, formats.units),
          onChange: (event: ChangeEvent<HTMLInputElement>) =>
            void input.onChange(withTypedUnit(unit, event.currentTarget.value, formats.units)),
        }
        return (
          <TextInput
            key={path}
            label={label}
            inputMode={typeof value === 'number' ? 'decimal' : 'text'}
            description={range && boundsText(range, unit)}
            {...input}
            {...inUnit}
            {...locked}
            error={error}
          />
        )
      })}
    </fieldset>
  ))
}

/** Why a value of a playbook is not the caller's to change, as their session names their grants (APP-74). */
function useWithheld(playbook: Playbook): (segments: readonly string[]) => string | undefined {
  const { t } = useMessages()
  const { session, server } = useSignedIn()
  const moment = useMomentText(session.workspace.timeZone)
  return (segments) => {
    const withheld = withheldAt(session.grants, playbook, segments, server.clock.now())
    if (!withheld) return undefined
    return withheld.why === 'missing'
      ? t('grants.missing')
      : t(`grants.${withheld.why}`, { at: moment(withheld.at) })
  }
}
