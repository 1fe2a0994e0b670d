import { createMessages } from '@fieldsync/messages'
import { expect, it } from 'vitest'

import { en } from '../messages/en.ts'
import { es } from '../messages/es.ts'
import { nameOf, valueText } from './value-text.ts'

const texts = createMessages(en, es)('es')

it.each([
  ['extraction/issue', 'heat_stress', 'Problema', 'Estrés por calor'],
  ['extraction/severity', 'high', 'Gravedad', 'Alta'],
  ['extraction/symptoms/0', 'wilting leaves', 'Síntomas', 'hojas marchitas'],
  ['normalization/leafWetness', 'unknown', 'Humedad de la hoja', 'No revisada'],
  ['normalization/windEstimateKph', 12, 'Viento', '12 km/h'],
  ['status', 'draft', 'Estado', 'Borrador'],
  [
    'rules/rule_a/timing/weatherAdjustments/1/condition',
    'uniform_dry',
    'Ajuste 2: Condición',
    'seco en toda la altura',
  ],
  [
    'rules/rule_a/timing/weatherAdjustments/0/rationaleTag',
    'avoid_inversion',
    'Ajuste 1: Motivo',
    'evitar la inversión',
  ],
  [
    'rules/rule_a/timing/weatherAdjustments/0/feature',
    'windShearProxy',
    'Ajuste 1: Variable climática',
    'Cizalladura del viento',
  ],
  ['rawNoteText', 'high', 'Nota', 'high'],
  ['extraction/issue', 'frost', 'Problema', 'frost'],
])('names %s and its value %s in the person’s language', (place, value, name, text) => {
  const segments = place.split('/')
  expect(nameOf(segments, texts.t)).toBe(name)
  expect(valueText(segments, value, texts)).toBe(text)
})
