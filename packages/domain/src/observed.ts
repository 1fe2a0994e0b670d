import type { Observation, ObservationLocation } from '@fieldsync/contracts'

import { formatPointer } from './json-patch/pointer.ts'

/** What a person may have left unobserved, by the JSON Pointers that `notObserved` names. */
type Observable = {
  '/extraction/fieldBlock': string
  '/extraction/issue': Observation['extraction']['issue']
  '/extraction/observationTime': string
  '/extraction/severity': Observation['extraction']['severity']
  '/extraction/symptoms': readonly string[]
  '/extraction/variety': string
  '/location': ObservationLocation
  '/normalization/leafWetness': Observation['normalization']['leafWetness']
  '/normalization/temperatureC': number
  '/normalization/windEstimateKph': number
}
export type ObservablePointer = keyof Observable

type ObservedRecord = Pick<Observation, 'extraction' | 'location' | 'normalization' | 'notObserved'>

/** True unless the record names the value, or an object that contains it, as not observed (SHP-13). */
export const isObserved = ({ notObserved }: Pick<Observation, 'notObserved'>, pointer: string): boolean =>
  !notObserved?.some((named) => pointer === named || pointer.startsWith(`${named}/`))

/**
 * A value of an observation, as all code that shows, exports or computes with it must read it: undefined where the
 * record has none, or only a placeholder for an unobserved value (SHP-13).
 */
export function observed<P extends ObservablePointer>(
  observation: ObservedRecord,
  pointer: P,
): Observable[P] | undefined {
  return isObserved(observation, pointer) ? READERS[pointer](observation) : undefined
}

const READERS: { readonly [P in ObservablePointer]: (from: ObservedRecord) => Observable[P] | undefined } = {
  '/extraction/fieldBlock': ({ extraction }) => extraction.fieldBlock,
  '/extraction/issue': ({ extraction }) => extraction.issue,
  '/extraction/observationTime': ({ extraction }) => extraction.observationTime,
  '/extraction/severity': ({ extraction }) => extraction.severity,
  '/extraction/symptoms': ({ extraction }) => extraction.symptoms,
  '/extraction/variety': ({ extraction }) => extraction.variety,
  '/location': ({ location }) => location,
  '/normalization/leafWetness': ({ normalization }) => normalization.leafWetness,
  '/normalization/temperatureC': ({ normalization }) => normalization.temperatureC,
  '/normalization/windEstimateKph': ({ normalization }) => normalization.windEstimateKph,
}

/**
 * A record of any kind as its values are compared and exported: without the placeholders that it names, and without the
 * list of them (SHP-13).
 */
export function withoutPlaceholders(record: unknown): unknown {
  if (typeof record !== 'object' || record === null) return record
  const { notObserved, ...values } = record as { notObserved?: unknown }
  const named = Array.isArray(notObserved) ? notObserved.filter((each) => typeof each === 'string') : []
  return pruned(values, [], { notObserved: named })
}

function pruned(value: unknown, path: readonly string[], from: Pick<Observation, 'notObserved'>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value)
    .filter(([name]) => isObserved(from, formatPointer([...path, name])))
    .map(([name, member]) => [name, pruned(member, [...path, name], from)] as const)
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members)
}

/**
 * `notObserved` with some pointers added or removed, each once and in order; undefined for none, since the member is
 * omitted then.
 *
 * @param states each pointer with whether its value was observed; pointers that are not listed stay as they are
 */
export function notObservedWith(
  { notObserved = [] }: Pick<Observation, 'notObserved'>,
  states: Readonly<Partial<Record<ObservablePointer, boolean>>>,
): string[] | undefined {
  const named = new Set(notObserved)
  for (const [pointer, isKnown] of Object.entries(states)) {
    if (isKnown) named.delete(pointer)
    else named.add(pointer)
  }
  return named.size === 0 ? undefined : [...named].toSorted((a, b) => (a < b ? -1 : 1))
}

/**
 * True if the version marks unobserved values. One that does not was written or last edited by an app before contract
 * 1.4: its placeholders cannot be distinguished from observations (SHP-14).
 */
export const deviceStatePlaceholders = ({
  location,
  notObserved,
}: Pick<Observation, 'location' | 'notObserved'>): boolean =>
  location.source !== undefined || notObserved !== undefined

/** A fix less accurate than this is a rough one: a vineyard block is some hundred meters wide. */
export const ROUGH_FIX_M = 100

/**
 * How the place of an observation is known: `gps` an accurate fix · `rough` one that is less accurate than {@link
 * ROUGH_FIX_M} · `map`, `block`, `last_known` as the record says · `unmarked` the record does not say · `none` the
 * place is unknown, and the record's point only fills the field (SHP-14).
 */
export type PlaceKind = 'gps' | 'rough' | 'map' | 'block' | 'last_known' | 'unmarked' | 'none'

export function placeKind(observation: Pick<Observation, 'location' | 'notObserved'>): PlaceKind {
  const { source, accuracyM = 0 } = observation.location
  if (!isObserved(observation, '/location') || source === 'region') return 'none'
  if (source === 'gps') return accuracyM > ROUGH_FIX_M ? 'rough' : 'gps'
  return source ?? 'unmarked'
}
