import { describe, expect, it } from 'vitest'

import { createMessages } from './create-messages.ts'
import { formatsOf } from './formats.ts'
import { preferredLanguage } from './languages.ts'

const EN = {
  greeting: 'Hello {{name}}',
  bye: 'Good bye.',
  notes_one: '{{count}} note',
  notes_other: '{{count}} notes',
} as const
const ES = {
  greeting: 'Hola {{name}}',
  bye: 'Adiós.',
  notes_one: '{{count}} nota',
  notes_other: '{{count}} notas',
}

const messages = createMessages(EN, ES)

describe('messages', () => {
  it('are asked for by key, in either language', () => {
    expect(messages('en').t('bye')).toBe('Good bye.')
    expect(messages('es').t('bye')).toBe('Adiós.')
  })

  it('take values as they are, without making HTML of them', () => {
    expect(messages('en').t('greeting', { name: 'A & B' })).toBe('Hello A & B')
  })

  it('agree with a number, and group its digits', () => {
    const all = [0, 1, 2, 12_345].flatMap((count) => [
      messages('en').t('notes', { count }),
      messages('es').t('notes', { count }),
    ])
    expect(all).toEqual([
      '0 notes',
      '0 notas',
      '1 note',
      '1 nota',
      '2 notes',
      '2 notas',
      '12,345 notes',
      '12,345 notas',
    ])
  })
})

describe('the preferred language', () => {
  it.each([
    [['es-MX', 'en'], 'es'],
    [['fr', 'ES'], 'es'],
    [['de-DE', 'en-GB'], 'en'],
    [[], 'en'],
  ])('of %j is %s', (wanted, language) => {
    expect(preferredLanguage(wanted)).toBe(language)
  })
})

describe('formats', () => {
  const now = Date.parse('2026-06-14T20:00:00Z')
  const spaces = (text: string) => text.replaceAll(/\s/g, ' ')

  it('leave out what is understood: the day of today, the year of this year', () => {
    const { moment, briefMoment } = formatsOf('en', { timeZone: 'America/Los_Angeles' })
    expect(spaces(briefMoment(Date.parse('2026-06-14T17:05:00Z'), now))).toBe('10:05 AM')
    expect(spaces(briefMoment(Date.parse('2026-06-13T17:05:00Z'), now))).toBe('Jun 13, 10:05 AM')
    expect(spaces(moment(Date.parse('2025-06-13T17:05:00Z'), now))).toBe('Jun 13, 2025, 10:05 AM')
  })

  it('[APP-63] name the zone in a whole date', () => {
    const whole = (language: 'en' | 'es') =>
      spaces(
        formatsOf(language, { timeZone: 'America/Los_Angeles' }).fullMoment(
          Date.parse('2026-06-14T17:05:23Z'),
        ),
      )
    expect(whole('en')).toBe('Sunday, June 14, 2026 at 10:05:23 AM PDT')
    expect(whole('es')).toBe('domingo, 14 de junio de 2026, 10:05:23 a.m. PDT')
  })

  it('are of the language', () => {
    const { moment, number, percent } = formatsOf('es', { timeZone: 'America/Los_Angeles' })
    expect(spaces(moment(Date.parse('2026-06-13T17:05:00Z'), now))).toBe('13 jun, 10:05 a.m.')
    expect(number(12.5)).toBe('12.5')
    expect(spaces(percent(0.25))).toBe('25%')
  })
})
