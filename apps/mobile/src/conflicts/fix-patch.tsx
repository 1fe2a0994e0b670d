import type { PlaybookPatch } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { breachText, unitSymbol } from '@fieldsync/messages'
import { foundIssues, type LocalConflict } from '@fieldsync/sync-engine'
import { useState } from 'react'
import { View } from 'react-native'
import { z } from 'zod'

import { FailureNotice, LockedNotice, UnkeptNotice } from '../components/form-notices.tsx'
import { useClient } from '../data/client-context.ts'
import { type Unsaved, useUnsaved } from '../data/use-unsaved.ts'
import { useWrite } from '../data/use-write.ts'
import { pointerLabel } from '../messages/field-label.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { fieldText, typedFrom, typedOf, valueOfTyped } from '../playbook/typed-value.ts'
import { unitAt } from '../playbook/value-text.ts'
import { Button } from '../ui/button.tsx'
import { Loading } from '../ui/loading.tsx'
import { Notice } from '../ui/notice.tsx'
import { TextField } from '../ui/text-field.tsx'
import { conflictText } from './conflict-text.ts'

type Props = {
  readonly conflict: LocalConflict
  readonly patch: PlaybookPatch
  /** Whether this device may send it; the form can be read all the same. */
  readonly maySend: boolean
}

/** What is typed, by the place of its operation. */
const Typed = z.record(z.string(), z.string())
type Typed = z.infer<typeof Typed>

/** A refused change of a playbook: with an input for each value that it sets. */
export function FixPatch(props: Props) {
  const { t } = useTexts()
  const unsaved = useUnsaved({ kind: 'fix', about: props.conflict.id }, Typed)
  const { found } = unsaved
  if (found === undefined) return <Loading label={t('app.loading')} />
  return <FixForm {...props} unsaved={{ ...unsaved, found }} />
}

type FormProps = Props & { readonly unsaved: Unsaved<Typed> & { readonly found: Typed | null } }

function FixForm({ conflict, patch, maySend, unsaved }: FormProps) {
  const texts = useTexts()
  const { t, formats } = texts
  const go = useGo()
  const client = useClient()
  const [typed, setTyped] = useState<Typed>(() => unsaved.found ?? {})
  const type = (next: Typed) => {
    setTyped(next)
    unsaved.keeper.keep(JSON.stringify(next))
  }
  const { failure, write } = useWrite()
  const issues = foundIssues(conflict)
  const plain = patch.operations.flatMap((operation, at) => {
    const { value } = operation
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return operation.op !== 'remove' && isPlain ? [{ at, path: operation.path, value }] : []
  })
  const textOf = ({ at, value }: (typeof plain)[number]) => typed[String(at)] ?? typedOf(value)
  const send = async () => {
    // The field says what is wrong; the refused value is not sent in place of what was typed.
    if (plain.some((each) => valueOfTyped(textOf(each), each.value, unitAt(each.path)) === null)) return
    const operations = patch.operations.map((operation, at) => {
      const found = plain.find((each) => each.at === at)
      const text = typed[String(at)]
      if (found === undefined || text === undefined || operation.op === 'remove') return operation
      return { ...operation, value: valueOfTyped(text, found.value, unitAt(found.path)) ?? found.value }
    })
    const leave = go.begin()
    if (!(await write(() => client.resolve.fix(conflict.id, { ...patch, operations })))) return
    await unsaved.keeper.saveNow('')
    leave.replace({ screen: 'conflicts' })
  }
  return (
    <View style={{ gap: space.xl }}>
      <Notice tone="clash" text={conflictText(t, conflict)} />
      {plain.map((each) => {
        const { at, path, value } = each
        const unit = unitAt(path)
        const text = textOf(each)
        const reported = issues.find(({ issue }) => issue.path.startsWith(`/operations/${at}`))
        const problem =
          valueOfTyped(text, value, unit) === null
            ? t('value.number')
            : reported && breachText(texts, reported.breach, reported.pointer)
        return (
          <TextField
            key={at}
            label={pointerLabel(t, path)}
            kind={typeof value === 'number' ? 'number' : 'text'}
            value={fieldText(text, value, unit, formats.units)}
            onChange={(next) => type({ ...typed, [String(at)]: typedFrom(next, value, unit, formats.units) })}
            {...(unit === undefined ? {} : { hint: unitSymbol(unit, formats.units) })}
            problem={problem}
          />
        )
      })}
      <UnkeptNotice failure={unsaved.failure} />
      <FailureNotice failure={failure} as="conflict.failed" />
      {maySend ? (
        <Button kind="primary" wide icon="check" label={t('choice.fix')} onPress={() => void send()} />
      ) : (
        <LockedNotice />
      )}
    </View>
  )
}
