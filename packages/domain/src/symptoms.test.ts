import { expect, it } from 'vitest'

import { NO_SYMPTOM, stableSymptoms, symptomName, SYMPTOM_NAMES, SYMPTOMS } from './symptoms.ts'

it('[SHP-15] reads every label that an app has stored as the one stable value', () => {
  for (const name of SYMPTOM_NAMES) {
    const { value, aliases } = SYMPTOMS[name]
    for (const text of [value, ...aliases, ` ${value.toUpperCase()} `]) expect(symptomName(text)).toBe(name)
  }
  expect(symptomName(NO_SYMPTOM)).toBe('none_noted')
  expect(symptomName('Polvo blanco en bayas'.normalize('NFD'))).toBe('white_powder_berries')
})

it('[SHP-15] keeps a person’s own words, and each symptom once', () => {
  expect(stableSymptoms(['insectos', 'eaten by deer', 'insects', 'Insectos '])).toEqual([
    'insects',
    'eaten by deer',
  ])
  expect(symptomName('insectos en racimos')).toBeNull()
})
