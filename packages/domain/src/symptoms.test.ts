import { expect, it } from 'vitest'

import { NO_SYMPTOM, stableSymptoms, symptomName, SYMPTOM_NAMES, SYMPTOMS } from './symptoms.ts'

/** By issue: what records store, and the labels that older apps stored in its place. Neither ever changes. */
const STORED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  any: { 'none noted': ['ninguno observado'] },
  powdery_mildew: {
    'white powder on leaves': ['polvo blanco en hojas'],
    'white powder on berries': ['polvo blanco en bayas'],
    'curled leaves': ['hojas rizadas', 'hojas enrolladas'],
    'cracked berries': ['bayas agrietadas'],
  },
  heat_stress: {
    'wilting leaves': ['hojas marchitas'],
    'scorched leaf edges': ['bordes quemados', 'bordes de hoja quemados'],
    'shrivelled berries': ['shriveled berries', 'bayas arrugadas'],
    'sunburned berries': ['bayas quemadas por el sol'],
  },
  other: {
    'yellow leaves': ['hojas amarillas'],
    'spots on leaves': ['manchas en hojas'],
    'holes in leaves': ['agujeros en hojas'],
    insects: ['insectos'],
  },
}

it('[SHP-15] has one stable value for each symptom, and reads the labels of older apps as it', () => {
  const values = Object.entries(STORED).flatMap(([issue, byValue]) =>
    Object.keys(byValue).map((value) => ({ value, issue: issue === 'any' ? null : issue })),
  )
  expect(SYMPTOM_NAMES.map((name) => SYMPTOMS[name])).toMatchObject(values)
  for (const [value, labels] of Object.values(STORED).flatMap((byValue) => Object.entries(byValue))) {
    expect(labels.map((label) => stableSymptoms([label, value]))).toEqual(labels.map(() => [value]))
  }
})

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
