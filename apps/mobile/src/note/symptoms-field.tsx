import type { Issue } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { useState } from 'react'
import { View } from 'react-native'

import { useTexts } from '../texts/texts-context.ts'
import { Choice } from '../ui/choice.tsx'
import { TextField } from '../ui/text-field.tsx'
import { SYMPTOMS, symptomsIn } from './symptoms.ts'

type Props = {
  readonly issue: Issue
  readonly symptoms: readonly string[]
  readonly onChange: (symptoms: readonly string[]) => void
  readonly problem: string | undefined
}

/** Symptoms by tap where they are the usual ones, and others in words. */
export function SymptomsField({ issue, symptoms, onChange, problem }: Props) {
  const { t } = useTexts()
  const usual = SYMPTOMS[issue].map((name) => t(`symptom.${name}`))
  const isUsual = (symptom: string) => usual.some((each) => each === symptom)
  // Kept as typed, so that a comma can be written at all.
  const [others, setOthers] = useState(() => symptoms.filter((symptom) => !isUsual(symptom)).join(', '))
  const toggle = (symptom: string) =>
    onChange(
      symptoms.includes(symptom) ? symptoms.filter((each) => each !== symptom) : [...symptoms, symptom],
    )
  return (
    <View style={{ gap: space.m }}>
      <Choice
        label={t('field.symptoms')}
        pick="any"
        options={usual.map((symptom) => ({ value: symptom, label: symptom }))}
        chosen={symptoms}
        onChange={toggle}
      />
      <TextField
        label={t('note.symptoms.more')}
        value={others}
        problem={problem}
        onChange={(text) => {
          setOthers(text)
          onChange([
            ...symptoms.filter((symptom) => !symptomsIn(others).includes(symptom)),
            ...symptomsIn(text),
          ])
        }}
      />
    </View>
  )
}
