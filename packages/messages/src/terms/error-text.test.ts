import {
  AUTH_ACTIONS,
  type AuthReason,
  BREACH_CODES,
  CONTRACT_REASONS,
  ERROR_CODES,
  FORBIDDEN_REASONS,
  PEOPLE_REASONS,
  PUBLISHING_REASONS,
  SETTINGS_REASONS,
} from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { createMessages } from '../create-messages.ts'
import { catalogueFindings } from '../testing/catalogue-findings.ts'
import { breachText, refusalText } from './error-text.ts'
import { errorsEn } from './errors-en.ts'
import { errorsEs } from './errors-es.ts'

const textsIn = createMessages(errorsEn, errorsEs)
const AUTH_REASONS = Object.keys(AUTH_ACTIONS) as AuthReason[]

const REFUSALS = [
  ...ERROR_CODES.map((code) => ({ code })),
  ...AUTH_REASONS.map((reason) => ({ code: 'AUTH_REQUIRED', reason })),
  ...FORBIDDEN_REASONS.map((reason) => ({ code: 'FORBIDDEN', reason })),
  ...CONTRACT_REASONS.map((reason) => ({ code: 'CONTRACT_UNSUPPORTED', reason })),
  ...[...SETTINGS_REASONS, ...PUBLISHING_REASONS, ...PEOPLE_REASONS].map((reason) => ({
    code: 'CONFLICT',
    reason,
  })),
]

it('[APP-49] every code and reason of the contract has a text of its own, in both languages', () => {
  for (const language of ['en', 'es'] as const) {
    const { t } = textsIn(language)
    const texts = REFUSALS.map((refused) => refusalText(t, refused))
    expect(new Set(texts).size).toBe(texts.length)
    expect(texts.filter((text) => /[A-Z]+_[A-Z]+|\{\{/.test(text))).toEqual([])
  }
  const same = REFUSALS.filter(
    (each) => refusalText(textsIn('en').t, each) === refusalText(textsIn('es').t, each),
  )
  expect(same).toEqual([])
})

it('[APP-49] an unknown code or reason is described without the server’s sentence', () => {
  const { t } = textsIn('es')
  expect(refusalText(t, { code: 'QUOTA_EXCEEDED' })).toBe('El servidor lo rechazó (QUOTA_EXCEEDED).')
  expect(refusalText(t, { code: 'FORBIDDEN', reason: 'weather' })).toBe(errorsEs['server.FORBIDDEN'])
  expect(refusalText(t, { code: 'AUTH_REQUIRED', reason: 'toString' })).toBe(errorsEs['server.AUTH_REQUIRED'])
})

it('[APP-49] every kind of breach has a text, in both languages', () => {
  for (const language of ['en', 'es'] as const) {
    const texts = BREACH_CODES.map((code) => breachText(textsIn(language), { code, bound: 2 }, '/x'))
    expect(texts.filter((text) => /\{\{|_/.test(text))).toEqual([])
  }
  const quoted = Object.keys(errorsEn).map((key) => `'${key.replace(/_(?:one|other)$/, '')}'`)
  expect(catalogueFindings({ en: errorsEn, es: errorsEs }, quoted)).toEqual([])
})

it('[APP-49, APP-62] a bound is in the units of the person', () => {
  const tooLarge = { code: 'number_large', bound: 120 } as const
  const pointer = '/normalization/windEstimateKph'
  expect(breachText(textsIn('es'), tooLarge, pointer)).toBe('Debe ser 120 o menos')
  expect(breachText(textsIn('en', 'us'), tooLarge, pointer)).toBe('Must be 74.5 or less')
  expect(breachText(textsIn('en'), { code: 'text_long', bound: 20_000 }, '/rawNoteText')).toBe(
    'At most 20,000 characters',
  )
  expect(breachText(textsIn('en'), null, '/rawNoteText')).toBe('The server does not accept this value')
})
