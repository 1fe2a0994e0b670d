import type { Issue } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { NO_SYMPTOM, symptomName } from '@fieldsync/domain'
import { symptomLabel } from '@fieldsync/messages'
import { type Ref, useState } from 'react'
import { View } from 'react-native'

import { useTexts } from '../messages/messages-context.ts'
import { Choice } from '../ui/choice.tsx'
import type { Focusable } from '../ui/reveal.ts'
import { TextField } from '../ui/text-field.tsx'
import { suggestedSymptoms, symptomsIn, toggled } from './symptoms.ts'

type Props = {
  readonly issue: Issue | null
  readonly symptoms: readonly string[]
  readonly onChange: (symptoms: readonly string[]) => void
  readonly problem: string | undefined
  readonly focusRef?: Ref<Focusable> | undefined
}

/** Symptoms by tap where they are the usual ones, and others in words. */
export function SymptomsField({ issue, symptoms, onChange, problem, focusRef }: Props) {
  const { t } = useTexts()
  // Kept as typed, so that a comma can be written at all.
  const [others, setOthers] = useState(() => symptoms.filter((each) => symptomName(each) === null).join(', '))
  const toggle = (symptom: string) => {
    const next = toggled(symptoms, symptom)
    onChange(next)
    // What is typed goes with what it stood for.
    setOthers(
      listed(others)
        .filter((each) => symptomsIn(each).every((typed) => next.includes(typed)))
        .join(', '),
    )
  }
  return (
    <View style={{ gap: space.m }}>
      <Choice
        label={t('field.symptoms')}
        pick="any"
        options={suggestedSymptoms(issue, symptoms).map((value) => ({
          value,
          label: symptomLabel(t, value),
        }))}
        chosen={symptoms}
        onChange={toggle}
        problem={problem}
        focusRef={focusRef}
      />
      <TextField
        label={t('note.symptoms.more')}
        value={others}
        onChange={(text) => {
          const before = symptomsIn(others)
          const typed = symptomsIn(text)
          setOthers(text)
          const stored = symptoms.filter(
            (each) => !before.includes(each) && (typed.length === 0 || each !== NO_SYMPTOM),
          )
          onChange([...new Set([...stored, ...typed])])
        }}
      />
    </View>
  )
}

const listed = (text: string): string[] =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
