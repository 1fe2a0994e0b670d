/** The systems in which temperature and wind are read and typed; what is stored stays in the contract's units. */
export const UNIT_SYSTEMS = ['metric', 'us'] as const
export type UnitSystem = (typeof UNIT_SYSTEMS)[number]

export const isUnitSystem = (value: unknown): value is UnitSystem =>
  UNIT_SYSTEMS.some((each) => each === value)

/** The units of the region that a person's languages name first (BCP 47, as `navigator.languages` has them). */
export function preferredUnits(wanted: readonly string[]): UnitSystem {
  const regions = wanted.map((tag) =>
    tag
      .split(/[-_]/)
      .slice(1)
      .find((part) => /^[A-Za-z]{2}$/.test(part)),
  )
  return regions.find((region) => region !== undefined)?.toUpperCase() === 'US' ? 'us' : 'metric'
}

/** The values of rules, notes and weather that have a unit, and which: the contract's own. */
export const VALUE_UNITS = {
  windEstimateKph: 'kph',
  windSpeedKph: 'kph',
  windKph: 'kph',
  temperatureC: 'celsius',
  maxWindKph: 'kph',
  maxRelativeHumidityPct: 'percent',
  relativeHumidityPct: 'percent',
  minHoursWithoutRain: 'hours',
  maxTemperatureC: 'celsius',
  startOffsetHours: 'hours',
  endOffsetHours: 'hours',
  shiftStartMinutes: 'minutes',
  shiftEndMinutes: 'minutes',
} as const
export type Unit = (typeof VALUE_UNITS)[keyof typeof VALUE_UNITS]

/** The unit of a value by its name in the contract; undefined for one without. */
export const unitOf = (name: string): Unit | undefined =>
  Object.hasOwn(VALUE_UNITS, name) ? VALUE_UNITS[name as keyof typeof VALUE_UNITS] : undefined

/** `shown = stored × factor + offset` */
type Scale = { readonly symbol: string; readonly factor: number; readonly offset: number }

const sameScale = (symbol: string): Scale => ({ symbol, factor: 1, offset: 0 })

/** Symbols are the same in both languages. */
const METRIC: Readonly<Record<Unit, Scale>> = {
  kph: sameScale('km/h'),
  celsius: sameScale('°C'),
  percent: sameScale('%'),
  hours: sameScale('h'),
  minutes: sameScale('min'),
}
const KM_PER_MILE = 1.609_344
const SCALES: Readonly<Record<UnitSystem, Readonly<Record<Unit, Scale>>>> = {
  metric: METRIC,
  us: {
    ...METRIC,
    kph: { symbol: 'mph', factor: 1 / KM_PER_MILE, offset: 0 },
    celsius: { symbol: '°F', factor: 1.8, offset: 32 },
  },
}

/** What stands behind a value in a system, as `km/h` or `°F`. */
export const unitSymbol = (unit: Unit, system: UnitSystem): string => SCALES[system][unit].symbol

const isConverted = (unit: Unit, system: UnitSystem): boolean => SCALES[system][unit] !== METRIC[unit]

// Enough for any typed value to come back: one step of the last typed digit is many steps of the last stored one.
const STORED_DIGITS = 6
const TYPED_DIGITS = 4
const ROUNDED_DIGITS = 1

// A zero has no sign: JSON and a person know of one alone.
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits)) + 0

/** A value as a person typed it in a system, in the contract's unit, to six digits where it is converted. */
export function toStored(unit: Unit, typed: number, system: UnitSystem): number {
  if (!isConverted(unit, system)) return typed
  const { factor, offset } = SCALES[system][unit]
  return rounded((typed - offset) / factor, STORED_DIGITS)
}

const MEASURED: ReadonlySet<Unit> = new Set(['kph', 'celsius'])

/**
 * A value of the contract in a system: what was typed there (to four digits) is itself again; a temperature or a wind that
 * was typed in another system is rounded to one digit.
 */
export function toShown(unit: Unit, stored: number, system: UnitSystem): number {
  if (!MEASURED.has(unit)) return stored
  const { factor, offset } = SCALES[system][unit]
  const exact = stored * factor + offset
  const wanted = rounded(stored, STORED_DIGITS)
  for (let digits = 0; digits <= TYPED_DIGITS; digits++) {
    const typed = rounded(exact, digits)
    if (rounded(toStored(unit, typed, system), STORED_DIGITS) === wanted) return typed
  }
  return rounded(exact, ROUNDED_DIGITS)
}

/** The bounds of a value in a system, rounded inwards, so that a value at a shown bound keeps the contract. */
export function toShownRange(
  unit: Unit,
  { min, max }: { readonly min: number; readonly max: number },
  system: UnitSystem,
): { readonly min: number; readonly max: number } {
  if (!isConverted(unit, system)) return { min, max }
  const step = 10 ** ROUNDED_DIGITS
  // Away from what the conversion itself adds, as in 157.99999999999997.
  const [low, high] = [min, max].map((value) => rounded(toShown(unit, value, system) * step, 4))
  const shownMin = Math.ceil(low ?? 0) / step
  const shownMax = Math.floor(high ?? 0) / step
  // What is shown may itself have been rounded outwards.
  return {
    min: toStored(unit, shownMin, system) < min ? rounded(shownMin + 1 / step, ROUNDED_DIGITS) : shownMin,
    max: toStored(unit, shownMax, system) > max ? rounded(shownMax - 1 / step, ROUNDED_DIGITS) : shownMax,
  }
}

/**
 * A typed text with the unit it was typed in, so that half of a number stays as it is, and means the same after the person
 * changes the units: the text alone in the contract's unit, else `12 mph`.
 */
export const withTypedUnit = (unit: Unit, text: string, system: UnitSystem): string =>
  isConverted(unit, system) && text.trim() !== '' ? `${text} ${unitSymbol(unit, system)}` : text

/**
 * A stored value as a text of {@link withTypedUnit}: a long one that was typed in another system as it was typed there,
 * so that a field shows no more digits than anybody typed, and the value stays what it is.
 */
export function storedAsTyped(unit: Unit, stored: number): string {
  if (rounded(stored, TYPED_DIGITS) === stored) return String(stored)
  for (const system of UNIT_SYSTEMS) {
    const typed = toShown(unit, stored, system)
    if (isConverted(unit, system) && toStored(unit, typed, system) === stored) {
      return withTypedUnit(unit, String(typed), system)
    }
  }
  return String(stored)
}

/** What a field shows of a text of {@link withTypedUnit}: what was typed, converted where that was in another unit. */
export function typedText(unit: Unit, typed: string, system: UnitSystem): string {
  const read = readTyped(unit, typed)
  if (read.system === system || isConverted(unit, read.system) === isConverted(unit, system)) return read.text
  const stored = typedValue(unit, typed)
  return Number.isNaN(stored) ? read.text : String(toShown(unit, stored, system))
}

/** The value of a text of {@link withTypedUnit} in the contract's unit; NaN where it is no number. */
export function typedValue(unit: Unit, typed: string): number {
  const { text, system } = readTyped(unit, typed)
  const number = numberOf(text)
  return Number.isNaN(number) ? number : toStored(unit, number, system)
}

function readTyped(unit: Unit, typed: string): { text: string; system: UnitSystem } {
  const system = UNIT_SYSTEMS.find(
    (each) => isConverted(unit, each) && typed.endsWith(` ${unitSymbol(unit, each)}`),
  )
  if (system === undefined) return { text: typed, system: 'metric' }
  return { text: typed.slice(0, -1 - unitSymbol(unit, system).length), system }
}

/** What is typed as a number; NaN where it is none. A comma is a point. */
export function numberOf(text: string): number {
  const plain = text.trim().replace(',', '.')
  return plain === '' ? Number.NaN : Number(plain)
}
