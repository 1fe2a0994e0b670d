import type { Playbook } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { patchBreaches } from '@fieldsync/domain'
import { breachText, unitSymbol } from '@fieldsync/messages'
import type { PreviewOutcome } from '@fieldsync/sync-engine'
import { useEffect, useState } from 'react'
import { View } from 'react-native'

import { FailureNotice, LockedNotice, UnkeptNotice, UnsavedNoteNotice } from '../components/form-notices.tsx'
import { useClient } from '../data/client-context.ts'
import { useRights } from '../data/rights.ts'
import { useSettings } from '../data/settings-context.ts'
import { type Unsaved, useStarted, useUnsaved } from '../data/use-unsaved.ts'
import { useWrite } from '../data/use-write.ts'
import { pointerLabel } from '../messages/field-label.ts'
import { useTexts } from '../messages/messages-context.ts'
import { writeIssueText } from '../messages/problem-text.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Choice } from '../ui/choice.tsx'
import { Empty } from '../ui/empty.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loading } from '../ui/loading.tsx'
import { Notice } from '../ui/notice.tsx'
import { TextField } from '../ui/text-field.tsx'
import { Text } from '../ui/text.tsx'
import { grantText } from './grant-text.ts'
import { type PlainValue, rangeOf } from './rule-values.ts'
import { fieldText, typedFrom, valueOfTyped } from './typed-value.ts'
import { ValueDiff } from './value-diff.tsx'
import { baseOf, beginValue, followValue, isApplied, ValueEdit } from './value-edit.ts'
import { unitAt } from './value-text.ts'

type Props = {
  /** The newest version on the device. */
  readonly playbook: Playbook
  readonly pointer: string
  readonly value: PlainValue
}

/** A new value and why; what it was and will be is seen before it is applied. */
export function ChangeValue({ playbook, pointer, value }: Props) {
  const { t } = useTexts()
  const go = useGo()
  const mayPatch = useRights().has('playbooks.patch')
  const [wasOpened] = useState(mayPatch)
  const about = `${playbook.playbookId}${pointer}`
  const unsaved = useUnsaved({ kind: 'value', about }, ValueEdit)
  const { found } = unsaved
  if (found === undefined) return <Loading label={t('app.loading')} />
  if (!mayPatch && !wasOpened && found === null) {
    return (
      <Empty
        icon="lock"
        title={t('value.locked.title')}
        text={t('value.notYours.text')}
        action={{ label: t('value.locked.action'), onPress: () => go.replace({ screen: 'playbook' }) }}
      />
    )
  }
  return (
    <ValueForm
      playbook={playbook}
      pointer={pointer}
      value={value}
      mayPatch={mayPatch}
      unsaved={{ ...unsaved, found }}
    />
  )
}

type FormProps = Props & {
  /** Whether the device's role still lets it be applied. */
  readonly mayPatch: boolean
  readonly unsaved: Unsaved<ValueEdit> & { readonly found: ValueEdit | null }
}

function ValueForm({ playbook, pointer, value, mayPatch, unsaved }: FormProps) {
  const { t, formats } = useTexts()
  const go = useGo()
  const client = useClient()
  const unit = typeof value === 'number' ? unitAt(pointer) : undefined
  const found = useStarted(unsaved, (earlier) => isApplied(earlier, value, unit))
  const [isEarlier, setEarlier] = useState(found !== null)
  const [stored, setEdit] = useState(() => found ?? beginValue(playbook, value))
  const edit = followValue(stored, playbook, value)
  const { typed, reason } = edit
  const update = (change: Partial<ValueEdit>) => {
    const updated = { ...edit, ...change }
    setEdit(updated)
    unsaved.keeper.keep(JSON.stringify(updated))
  }
  const setReason = (next: string) => update({ reason: next })
  const [isStrict, setStrict] = useState(false)
  const { failure, write } = useWrite()
  const next = valueOfTyped(typed, value, unit)
  const { playbookId } = playbook
  const draft = draftOf(playbookId, pointer, next, reason.trim())
  const preview = usePreview(playbook, draft)
  const isClash = edit.from !== value && next !== value
  const isChanged = next !== null && next !== value
  const range = typeof value === 'number' ? rangeOf(pointer) : undefined
  const bounds = range && formats.bounds(unit, range)
  const isOutside = range !== undefined && typeof next === 'number' && (next < range.min || next > range.max)
  const problem =
    next === null ? t('value.number') : bounds && isOutside ? t('value.outside', bounds) : preview.problem
  const reasonProblem = isStrict && reason.trim() === '' ? t('value.reason.problem') : undefined

  const apply = async () => {
    setStrict(true)
    if (!isChanged || problem !== undefined || reason.trim() === '') return
    const leave = go.begin()
    let conflictId: string | null = null
    const isStored = await write(async () => {
      const outcome = await client.patchPlaybook(draft, { basedOn: baseOf(edit, playbook, pointer) })
      if (outcome.ok) ({ conflictId } = outcome)
      return outcome
    })
    if (!isStored) return
    await unsaved.keeper.saveNow('')
    if (conflictId === null) leave.back({ screen: 'playbook' })
    else leave.replace({ screen: 'conflict', id: conflictId })
  }
  const name = pointerLabel(t, pointer)
  const setTyped = (text: string) => update({ typed: typedFrom(text, value, unit, formats.units) })
  const shown = problem !== undefined && (isStrict || isChanged || next === null) ? problem : undefined
  return (
    <View style={{ gap: space.xl }}>
      {isEarlier && (
        <UnsavedNoteNotice
          onStartOver={() => {
            setEarlier(false)
            setEdit(beginValue(playbook, value))
            void unsaved.keeper.saveNow('')
          }}
        />
      )}
      {isClash && (
        <Card gap={space.m}>
          <Heading level={2}>{t('note.clash', { field: name })}</Heading>
          <ValueDiff pointer={pointer} before={edit.from} after={value} />
          <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.m }}>
            <Button
              label={t('note.clash.useTheirs')}
              onPress={() => update({ ...beginValue(playbook, value), reason })}
            />
            <Button
              label={t('note.clash.keepMine')}
              onPress={() => update({ from: value, version: playbook.version })}
            />
          </View>
        </Card>
      )}
      {typeof value === 'boolean' && (
        <Choice
          label={name}
          pick="one"
          options={[
            { value: 'true', label: t('playbook.yes') },
            { value: 'false', label: t('playbook.no') },
          ]}
          chosen={[typed]}
          onChange={setTyped}
        />
      )}
      {typeof value !== 'boolean' && (
        <TextField
          label={name}
          hint={[t('value.new'), unit && unitSymbol(unit, formats.units), bounds && t('value.range', bounds)]
            .filter((words) => words)
            .join(', ')}
          kind={typeof value === 'number' ? 'number' : 'text'}
          lines={typeof value === 'string' && value.length > 24 ? 3 : 1}
          value={fieldText(typed, value, unit, formats.units)}
          onChange={setTyped}
          problem={shown}
        />
      )}
      <Card>
        {isChanged && <ValueDiff pointer={pointer} before={value} after={next} />}
        {!isChanged && <Text soft>{t('value.unchanged')}</Text>}
      </Card>
      {isChanged && preview.likely !== undefined && (
        <Notice tone="clash" text={t('value.likely', { message: preview.likely })} />
      )}
      <TextField
        label={t('value.reason')}
        hint={t('value.reason.hint')}
        value={reason}
        onChange={setReason}
        problem={reasonProblem}
      />
      <UnkeptNotice failure={unsaved.failure} />
      <FailureNotice failure={failure} as="detail.saveFailed" />
      {mayPatch ? (
        <Button
          kind="primary"
          wide
          icon="check"
          label={t('value.apply')}
          disabled={!isChanged}
          onPress={() => void apply()}
        />
      ) : (
        <LockedNotice />
      )}
    </View>
  )
}

const draftOf = (playbookId: string, path: string, value: PlainValue | null, reason: string) => ({
  playbookId,
  reason,
  operations: [{ op: 'replace' as const, path, value }],
})
type PatchDraft = ReturnType<typeof draftOf>

/** What the contract and the playbook's rules say to a change, as it is typed. */
function usePreview(playbook: Playbook, draft: PatchDraft) {
  const texts = useTexts()
  const { t } = texts
  const { preview } = useClient()
  const { grants } = useSettings().settings
  const [outcome, setOutcome] = useState<PreviewOutcome>()
  // A reason is asked for elsewhere.
  const key = JSON.stringify({ ...draft, reason: '…' })
  useEffect(() => {
    let isCurrent = true
    // The draft without its reason, as it was written.
    void preview.patch(JSON.parse(key) as PatchDraft).then((said) => isCurrent && setOutcome(said))
    return () => {
      isCurrent = false
    }
  }, [preview, key])
  if (outcome === undefined) return {}
  if (!outcome.ok) {
    const [issue] = outcome.issues
    return {
      problem: issue === undefined ? t('breach.other') : writeIssueText(texts, { ...issue, path: '' }),
    }
  }
  const { likelyConflict } = outcome
  if (likelyConflict === null) return {}
  const { code, reason } = likelyConflict
  if (reason === 'grant') {
    const [operation] = draft.operations
    const value = { playbookId: playbook.playbookId, pointer: operation?.path ?? '' }
    const why = grantText(texts, grants, value, Date.now())
    return { likely: why ?? t('grant.missing') }
  }
  if (reason === 'four_eyes') return { likely: t('grant.fourEyes') }
  if (code === 'PLAYBOOK_PATCH_INVALID') {
    const [breach = null] = patchBreaches(playbook, draft.operations)
    return { problem: breachText(texts, breach, breach?.pointer ?? '') }
  }
  return { likely: t(`conflict.${code}`) }
}
