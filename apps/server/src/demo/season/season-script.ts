import type { Observation } from '@fieldsync/contracts'

import { AGRONOMISTS, LOST_PHONE, type Member, OFFICE, SCOUTS, SILENT_TABLET } from './crew.ts'
import { DISPUTES } from './disputes.ts'
import type { SeasonDay, SeasonEvent } from './season-event.ts'
import { patched, starterPlaybook } from './season-playbook.ts'
import { seasonRandom } from './season-random.ts'
import {
  advice,
  correction,
  moved,
  note,
  patch,
  type RecommendationInput,
  rewritten,
} from './season-records.ts'

type SeasonOptions = {
  seed: string
  /** The last moment of the season. */
  end: Date
  days: number
  /** About how many observations. */
  observations: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
// Working hours, in hours after the vineyard's midnight, which is 8 hours behind UTC.
const MIDNIGHT_UTC = 8

/** Values of the starter playbook that its rules leave to agronomists. */
const CHANGES = [
  {
    path: '/rules/rule_pm_moderate/constraints/maxWindKph',
    value: 10,
    reason: 'Drift towards the levee road last week.',
  },
  {
    path: '/rules/rule_heat_moderate/constraints/maxTemperatureC',
    value: 36,
    reason: 'Berries scorched at 37 °C.',
  },
  {
    path: '/rules/rule_pm_moderate/action/instructions',
    value: 'Apply sulfur below 29 °C, both sides of the row, low drift nozzles.',
    reason: 'The new nozzles are on both sprayers.',
  },
  {
    path: '/rules/rule_pm_moderate/constraints/maxWindKph',
    value: 14,
    reason: 'Low drift nozzles hold at 14 km/h.',
  },
  { path: '/rules/rule_heat_moderate/constraints/maxWindKph', value: 22, reason: 'Watering does not drift.' },
  {
    path: '/rules/rule_pm_moderate/timing/baseWindowHours',
    value: { startOffsetHours: 1, endOffsetHours: 5 },
    reason: 'Nights are longer: start earlier.',
  },
] as const

/** Everything that happens in a season, in order of time; reproducible from the seed. */
export function seasonScript(options: SeasonOptions): SeasonEvent[] {
  const { days, end, seed } = options
  const events: SeasonEvent[] = []
  const first = new Date(end.getTime() - (days - 1) * DAY)
  const firstMidnight = Date.UTC(
    first.getUTCFullYear(),
    first.getUTCMonth(),
    first.getUTCDate(),
    MIDNIGHT_UTC,
  )
  const open = new Map<string, Observation[]>()
  const fresh: { record: Observation; author: Member }[] = []
  const pending: RecommendationInput[] = []
  let playbook = starterPlaybook()
  const walks = Array.from({ length: days }, (_, day) => walkersOf(day, days).length)
  const aWalk = options.observations / walks.reduce((sum, walkers) => sum + walkers, 0)
  for (let day = 0; day < days; day++) {
    const rng = seasonRandom(`${seed} ${day}`)
    const midnight = firstMidnight + day * DAY
    const today: SeasonDay = {
      rng,
      day,
      days,
      playbook,
      at: (hours) => new Date(midnight + Math.round(hours * HOUR) + rng.int(0, 59_000)),
      send: (member, at, records, left = {}) =>
        events.push({
          at,
          member,
          syncId: `syn_${rng.ulid(at)}`,
          observations: records.observations ?? [],
          recommendations: records.recommendations ?? [],
          patches: records.patches ?? [],
          left: { pending: 0, quarantined: 0, ...left },
        }),
    }
    for (const scout of walkersOf(day, days)) walk(today, scout, aWalk, { open, fresh, pending })
    review(today, { fresh, pending })
    for (const [i, dispute] of DISPUTES.entries()) {
      // Each of them twice in a season, spread over its days.
      const dayOf = (time: number) =>
        1 + Math.floor(((i + time * DISPUTES.length) * (days - 2)) / (2 * DISPUTES.length))
      if (dayOf(0) === day || dayOf(1) === day) dispute(today)
    }
    const change =
      CHANGES[CHANGES.findIndex((_, i) => Math.round(((i + 0.7) * days) / CHANGES.length) === day)]
    if (change) {
      const [ines] = AGRONOMISTS
      const at = today.at(20.2)
      const made = patch(rng, ines, today.playbook.version, at, change)
      today.send(ines, at, { patches: [made] })
      today.playbook = patched(today.playbook, made)
    }
    playbook = today.playbook
    if (day === Math.round(days / 4)) events.push({ at: today.at(20.5), revoke: LOST_PHONE })
  }
  lastHour(options, events)
  return events.filter(({ at }) => at <= end).toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

/** Who walks on a day: two phones drop out before the season's end. */
function walkersOf(day: number, days: number): Member[] {
  return [...SCOUTS, ...(day < days / 4 ? [LOST_PHONE] : []), ...(day < days * 0.8 ? [SILENT_TABLET] : [])]
}

type Season = {
  /** Drafts that their authors have not confirmed yet. */
  open: Map<string, Observation[]>
  /** Confirmed since yesterday. */
  fresh: { record: Observation; author: Member }[]
  pending: RecommendationInput[]
}

/** A scout's day: the morning's notes are sent at noon, the rest in the evening. */
function walk(today: SeasonDay, scout: Member, aWalk: number, { open, fresh, pending }: Season): void {
  const { rng, day, days, at } = today
  const drafts = open.get(scout.deviceId) ?? []
  const later: Observation[] = []
  for (const [from, to, sentAt] of [
    [7, 11.5, 12],
    [12.5, 16.5, 17.5],
  ] as const) {
    const observations: Observation[] = []
    const recommendations: RecommendationInput[] = []
    const count = Math.max(1, Math.round(aWalk / 2 + 4 * rng.fraction() - 2))
    for (let i = 0; i < count; i++) {
      const written = note(rng, scout, at(from + ((to - from) * i) / count), { day, days })
      if (rng.percent(26)) later.push(written)
      const record = later.at(-1) === written ? written : moved(written, 'confirmed', at(to))
      observations.push(record)
      if (record.status !== 'confirmed') continue
      fresh.push({ record, author: scout })
      const { issue, severity } = record.extraction
      if (issue === 'other' || severity === 'low' || !rng.percent(55)) continue
      const made = advice(record, today.playbook, at(to))
      recommendations.push(made)
      pending.push(made)
    }
    // Yesterday's drafts, reviewed.
    for (const draft of drafts.splice(0)) {
      const record = rng.percent(25)
        ? moved(rewritten(draft, `${draft.rawNoteText} Looked again today.`, at(to)), 'confirmed', at(to))
        : moved(draft, 'confirmed', at(to))
      observations.push(record)
      fresh.push({ record, author: scout })
    }
    const isLast = scout === SILENT_TABLET && day + 1 >= days * 0.8
    const left = isLast ? { pending: 14, oldestPendingAt: at(to).toISOString() } : {}
    today.send(scout, at(sentAt + rng.fraction()), { observations, recommendations }, left)
  }
  open.set(scout.deviceId, later)
}

/** Agronomists in the evening: they decide on recommendations, correct mistakes, and log what is done. */
function review(today: SeasonDay, { fresh, pending }: Omit<Season, 'open'>): void {
  const { rng, at } = today
  for (const [i, agronomist] of AGRONOMISTS.entries()) {
    const observations: Observation[] = []
    const recommendations: RecommendationInput[] = []
    const when = at(19 + i / 2)
    for (const { record } of fresh.splice(0, Math.ceil(fresh.length / (AGRONOMISTS.length - i)))) {
      if (rng.percent(4)) {
        const text = record.rawNoteText.replace(/:.*$/u, ': less than it looked, two leaves only.')
        observations.push(correction(rng, record, text, 'Looked at the leaf in the office.', when))
      } else if (rng.percent(30)) observations.push(moved(record, 'logged', when))
    }
    for (const made of pending.splice(0, Math.ceil(pending.length / (AGRONOMISTS.length - i)))) {
      if (rng.percent(25)) continue
      const status = rng.percent(80) ? 'confirmed' : 'rejected'
      recommendations.push({ ...made, status, updatedAt: when.toISOString() })
    }
    today.send(agronomist, when, { observations, recommendations })
  }
  today.send(OFFICE, at(21), {})
}

/** Something for the console to show as of now. */
function lastHour({ seed, end, days }: SeasonOptions, events: SeasonEvent[]): void {
  const rng = seasonRandom(`${seed} last hour`)
  for (const scout of SCOUTS) {
    for (let batch = rng.int(1, 3); batch > 0; batch--) {
      const at = new Date(end.getTime() - rng.int(2, 57) * MINUTE)
      const observations = Array.from({ length: rng.int(1, 5) }, (_, i) =>
        note(rng, scout, new Date(at.getTime() - (i + 2) * MINUTE), { day: days - 1, days }),
      )
      const isShort = scout === SCOUTS[5] && batch === 1
      const left = { pending: isShort ? 2 : 0, quarantined: isShort ? 1 : 0 }
      events.push({
        at,
        member: scout,
        syncId: `syn_${rng.ulid(at)}`,
        observations,
        recommendations: [],
        patches: [],
        left,
      })
    }
  }
}
