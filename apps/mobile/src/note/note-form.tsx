import { space } from '@fieldsync/design'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { View } from 'react-native'

import { useTexts } from '../texts/texts-context.ts'
import { Choice } from '../ui/choice.tsx'
import { Notice } from '../ui/notice.tsx'
import { TextField } from '../ui/text-field.tsx'
import { BlockField } from './block-field.tsx'
import type { NoteProblems } from './note-problems.ts'
import { ISSUES, type NoteValues, SEVERITIES, WETNESSES } from './note-values.ts'
import { SymptomsField } from './symptoms-field.tsx'

type Props = {
  readonly values: NoteValues
  readonly onChange: (values: NoteValues) => void
  readonly problems: NoteProblems
  /** Whether what is merely not filled in yet is told as well. */
  readonly isStrict: boolean
  readonly autoFocus?: boolean
  readonly above?: ReactNode
  /** Below the fields: the place, a reason, the buttons. */
  readonly children: ReactNode
}

/** The fields of a note, with what is wrong at each as it is typed. */
export function NoteForm({
  values,
  onChange,
  problems,
  isStrict,
  autoFocus = false,
  above,
  children,
}: Props) {
  const { t } = useTexts()
  const [isTouched, setTouched] = useState(false)
  const set = (change: Partial<NoteValues>) => onChange({ ...values, ...change })
  const { byField, elsewhere } = problems
  const noteProblem = isStrict || isTouched || values.rawNoteText !== '' ? byField.rawNoteText : undefined
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
        problem={noteProblem}
        lines={3}
        autoFocus={autoFocus}
      />
      <Choice
        label={t('field.issue')}
        pick="one"
        options={ISSUES.map((value) => ({ value, label: t(`issue.${value}`) }))}
        chosen={[values.issue]}
        onChange={(issue) => set({ issue })}
      />
      <Choice
        label={t('field.severity')}
        pick="one"
        options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
        chosen={[values.severity]}
        onChange={(severity) => set({ severity })}
      />
      <BlockField
        value={values.fieldBlock}
        problem={byField.fieldBlock}
        onChange={(fieldBlock) => set({ fieldBlock })}
      />
      <SymptomsField
        issue={values.issue}
        symptoms={values.symptoms}
        problem={byField.symptoms}
        onChange={(symptoms) => set({ symptoms })}
      />
      <Choice
        label={t('field.leafWetness')}
        pick="one"
        options={WETNESSES.map((value) => ({ value, label: t(`leafWetness.${value}`) }))}
        chosen={[values.leafWetness]}
        onChange={(leafWetness) => set({ leafWetness })}
      />
      <TextField
        label={t('field.windEstimateKph')}
        hint={t('note.wind.hint')}
        kind="number"
        value={values.windEstimateKph}
        problem={byField.windEstimateKph}
        onChange={(windEstimateKph) => set({ windEstimateKph })}
      />
      {elsewhere.map((problem) => (
        <Notice key={problem} tone="broken" text={problem} />
      ))}
      {children}
    </View>
  )
}
