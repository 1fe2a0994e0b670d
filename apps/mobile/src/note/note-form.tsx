import type { ObservationLocation } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { typedText, unitSymbol, withTypedUnit } from '@fieldsync/messages'
import { type ReactNode, type Ref, use, useImperativeHandle, useRef, useState } from 'react'
import { View } from 'react-native'

import { useTexts } from '../messages/messages-context.ts'
import { Choice } from '../ui/choice.tsx'
import { Notice } from '../ui/notice.tsx'
import { type Focusable, reveal, ScrollContext } from '../ui/reveal.ts'
import { TextField } from '../ui/text-field.tsx'
import { BlockField } from './block-field.tsx'
import { REGION } from './note-place.ts'
import { firstProblem, type NoteProblems } from './note-problems.ts'
import { shownTime } from './note-time.ts'
import { chosenPlace, ISSUES, type NoteField, type NoteValues, SEVERITIES, WETNESSES } from './note-values.ts'
import { PlaceField } from './place-field.tsx'
import { SymptomsField } from './symptoms-field.tsx'

/** What a screen may ask of its form. */
export type NoteFormHandle = {
  /** Shows the first field with a problem and moves the focus there; where none has one, nothing happens. */
  readonly showProblem: () => void
}

type Props = {
  readonly ref?: Ref<NoteFormHandle>
  readonly values: NoteValues
  readonly onChange: (values: NoteValues) => void
  readonly problems: NoteProblems
  /** Whether fields that are merely not filled in yet show a problem as well. */
  readonly isStrict: boolean
  readonly autoFocus?: boolean
  /** The place of a note whose writer has chosen none, and whether the device is still looking for one. */
  readonly known?: { readonly place: ObservationLocation; readonly isSearching: boolean }
  readonly above?: ReactNode
  /** Below the fields: a reason, the buttons. */
  readonly children: ReactNode
}

/** The fields of a note, with what is wrong at each as it is typed. */
export function NoteForm({
  ref,
  values,
  onChange,
  problems,
  isStrict,
  autoFocus = false,
  known,
  above,
  children,
}: Props) {
  const { t, formats } = useTexts()
  const [isTouched, setTouched] = useState(false)
  const fields = useRef<Partial<Record<NoteField, Focusable | null>>>({})
  const scroll = use(ScrollContext)
  const { byField, elsewhere } = problems
  const first = firstProblem(problems)
  useImperativeHandle(ref, () => ({
    showProblem: () => first !== null && reveal(fields.current[first] ?? null, scroll),
  }))
  const set = (change: Partial<NoteValues>) => onChange({ ...values, ...change })
  const at = (field: NoteField) => ({
    problem: isStrict || isFilled(values, field) ? byField[field] : undefined,
    focusRef: (node: Focusable | null) => {
      fields.current[field] = node
    },
  })
  const place = chosenPlace(values)
  const isTextShown = isStrict || isTouched || values.rawNoteText !== ''
  return (
    <View style={{ gap: space.xl }}>
      {above}
      <TextField
        label={t('field.rawNoteText')}
        hint={t('note.text.hint')}
        value={values.rawNoteText}
        onChange={(rawNoteText) => {
          setTouched(true)
          set({ rawNoteText })
        }}
        lines={3}
        autoFocus={autoFocus}
        {...at('rawNoteText')}
        problem={isTextShown ? byField.rawNoteText : undefined}
      />
      <Choice
        label={t('field.issue')}
        pick="one"
        options={ISSUES.map((value) => ({ value, label: t(`issue.${value}`) }))}
        chosen={values.issue === null ? [] : [values.issue]}
        onChange={(issue) => set({ issue })}
        {...at('issue')}
      />
      <Choice
        label={t('field.severity')}
        pick="one"
        options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
        chosen={values.severity === null ? [] : [values.severity]}
        onChange={(severity) => set({ severity })}
        {...at('severity')}
      />
      <BlockField
        value={values.fieldBlock}
        onChange={(fieldBlock) => set({ fieldBlock })}
        {...at('fieldBlock')}
      />
      <SymptomsField
        issue={values.issue}
        symptoms={values.symptoms}
        onChange={(symptoms) => set({ symptoms })}
        {...at('symptoms')}
      />
      <Choice
        label={t('field.leafWetness')}
        pick="one"
        options={WETNESSES.map((value) => ({ value, label: t(`leafWetness.${value}`) }))}
        chosen={[values.leafWetness]}
        onChange={(leafWetness) => set({ leafWetness })}
        {...at('leafWetness')}
      />
      <TextField
        label={t('field.windEstimateKph')}
        hint={t('note.wind.hint', { unit: unitSymbol('kph', formats.units) })}
        kind="number"
        value={typedText('kph', values.windEstimateKph, formats.units)}
        onChange={(text) => set({ windEstimateKph: withTypedUnit('kph', text, formats.units) })}
        {...at('windEstimateKph')}
      />
      <TextField
        label={t('field.observationTime')}
        hint={t('note.time.hint')}
        value={shownTime(values.seenAt)}
        onChange={(seenAt) => set({ seenAt })}
        {...at('seenAt')}
      />
      <PlaceField
        place={place ?? known?.place ?? REGION}
        typed={values.placeText}
        isSearching={place === null && known?.isSearching === true}
        block={values.fieldBlock}
        onChoose={(chosen) => set({ place: chosen, placeText: '' })}
        onType={(placeText) => set({ placeText })}
        {...at('place')}
      />
      {elsewhere.map((problem) => (
        <Notice key={problem} tone="broken" text={problem} />
      ))}
      {children}
    </View>
  )
}

/** False for a field that a person has still to choose: its problem is shown once the note is to be saved. */
function isFilled({ issue, severity, symptoms }: NoteValues, field: NoteField): boolean {
  switch (field) {
    case 'issue':
      return issue !== null
    case 'severity':
      return severity !== null
    case 'symptoms':
      return symptoms.length > 0
    default:
      return true
  }
}
