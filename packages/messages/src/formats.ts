import type { Language } from './languages.ts'
import { toShown, toShownRange, type Unit, unitSymbol, type UnitSystem } from './units.ts'

/** Moments, numbers and values with units as people of a language and a region write them. */
export type Formats = {
  /** Day and time; the year where it is not this one. */
  readonly moment: (at: number, now: number) => string
  /** The time alone on the same day, else as `moment`. */
  readonly briefMoment: (at: number, now: number) => string
  /** The whole date and time with seconds and the zone: `Sunday, June 14, 2026 at 10:05:23 AM PDT`. */
  readonly fullMoment: (at: number) => string
  readonly number: (value: number) => string
  /** A share of 1 as per cent. */
  readonly percent: (share: number) => string
  /** A length of so many meters, in meters or kilometers. */
  readonly length: (meters: number) => string
  /** The system in which temperature and wind are read and typed. */
  readonly units: UnitSystem
  /** A value in the contract's unit, with its unit in the person's system. */
  readonly quantity: (unit: Unit, value: number) => string
  /** The bounds of such a value in the person's system, without the unit. */
  readonly bounds: (unit: Unit | undefined, range: Range) => { readonly min: string; readonly max: string }
}

type Range = { readonly min: number; readonly max: number }

// The scouts' region writes days and times so; the language is the person's own.
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-US', es: 'es-US' }

export type FormatChoices = {
  /** An IANA name; the device's own where none is given. */
  readonly timeZone?: string
  readonly units?: UnitSystem
}

export function formatsOf(language: Language, { timeZone, units = 'metric' }: FormatChoices = {}): Formats {
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
    // For one moment that a person asks about, where the others are many.
    fullMoment: (at) =>
      new Intl.DateTimeFormat(locale, {
        weekday: 'long',
        year: 'numeric',
        month: 'long',
        day: 'numeric',
        hour: 'numeric',
        minute: '2-digit',
        second: '2-digit',
        timeZoneName: 'short',
        ...zone,
      }).format(at),
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    length: (meters) =>
      meters < 1000
        ? `${number.format(Math.ceil(meters))} m`
        : `${number.format(Math.round(meters / 100) / 10)} km`,
    units,
    quantity: (unit, value) => `${number.format(toShown(unit, value, units))} ${unitSymbol(unit, units)}`,
    bounds: (unit, range) => {
      const { min, max } = unit === undefined ? range : toShownRange(unit, range, units)
      return { min: number.format(min), max: number.format(max) }
    },
  }
}
