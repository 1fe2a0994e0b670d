import { expect, it } from 'vitest'

import { createMessages } from '../create-messages.ts'
import { termsEn } from './terms-en.ts'
import { termsEs } from './terms-es.ts'
import { conditionText, rationaleText } from './weather-text.ts'

const { t } = createMessages(termsEn, termsEs)('es')

it.each([
  ['uniform_humid', 'húmedo en toda la altura'],
  ['true', 'sí'],
  ['> 0.7', '> 0.7'],
])('says the condition %s in the person’s language, a bound as it is', (condition, text) => {
  expect(conditionText(t, condition)).toBe(text)
})

it.each([
  ['spray_drift_risk', 'riesgo de deriva'],
  ['our_own_reason', 'our own reason'],
])('says the reason %s in the person’s language where it is a known one', (tag, text) => {
  expect(rationaleText(t, tag)).toBe(text)
})
