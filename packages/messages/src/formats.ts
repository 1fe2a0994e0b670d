import type { Language } from './languages.ts'

/** Moments and numbers as people of a language write them. */
export type Formats = {
  /** Day and time; the year where it is not this one. */
  readonly moment: (at: number, now: number) => string
  /** The time alone on the same day, else as `moment`. */
  readonly briefMoment: (at: number, now: number) => string
  readonly number: (value: number) => string
  /** A share of 1 as per cent. */
  readonly percent: (share: number) => string
  /** A length of so many meters, in meters or kilometers. */
  readonly length: (meters: number) => string
}

// The scouts' region writes days and times so; the language is the person's own.
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-US', es: 'es-US' }

/** @param timeZone an IANA name; the device's own where none is given */
export function formatsOf(language: Language, timeZone?: string): Formats {
  const locale = LOCALES[language]
  const zone = timeZone === undefined ? {} : { timeZone }
  const time = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit', ...zone })
  const day = new Intl.DateTimeFormat(locale, {
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    ...zone,
  })
  const dayOfYear = new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    ...zone,
  })
  const date = new Intl.DateTimeFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    ...zone,
  })
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 4 })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const moment = (at: number, now: number) =>
    (date.format(at).slice(0, 4) === date.format(now).slice(0, 4) ? day : dayOfYear).format(at)
  return {
    moment,
    briefMoment: (at, now) => (date.format(at) === date.format(now) ? time.format(at) : moment(at, now)),
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    length: (meters) =>
      meters < 1000
        ? `${number.format(Math.ceil(meters))} m`
        : `${number.format(Math.round(meters / 100) / 10)} km`,
  }
}
