import type { Issue, RecommendationStatus, RiskFlag, Severity } from '@fieldsync/contracts'
import type { RecordStatus, RecordView } from '@fieldsync/sync-engine'

/** What lists, and the search for a note's recommendations, need of one. Instants are milliseconds since 1970. */
export type RecommendationEntry = {
  readonly id: string
  readonly observationId: string
  readonly playbookId: string
  readonly playbookVersion: number
  readonly weatherFeaturesId: string
  readonly generatedAt: number
  readonly issue: Issue
  readonly severity: Severity
  readonly action: string
  readonly startAt: number
  readonly endAt: number
  readonly riskFlags: readonly RiskFlag[]
  readonly status: RecommendationStatus
  readonly recordStatus: RecordStatus
  readonly supersedes: string | null
}

export const entryOf = ({ document, status }: RecordView<'recommendation'>): RecommendationEntry => ({
  id: document.recommendationId,
  observationId: document.observationId,
  playbookId: document.playbookId,
  playbookVersion: document.playbookVersion,
  weatherFeaturesId: document.weatherFeaturesId,
  generatedAt: Date.parse(document.generatedAt),
  issue: document.issue,
  severity: document.severity,
  action: document.action,
  startAt: Date.parse(document.timingWindow.startAt),
  endAt: Date.parse(document.timingWindow.endAt),
  riskFlags: document.riskFlags,
  status: document.status,
  recordStatus: status,
  supersedes: document.supersedes ?? null,
})

/** All recommendations on the device, as they stood at one moment. */
export class RecommendationSet {
  readonly byId: ReadonlyMap<string, RecommendationEntry>
  readonly #ofNote = new Map<string, RecommendationEntry[]>()
  readonly #successors = new Map<string, string>()

  constructor(entries: Iterable<RecommendationEntry>) {
    this.byId = new Map(Array.from(entries, (entry) => [entry.id, entry]))
    for (const entry of this.byId.values()) {
      const others = this.#ofNote.get(entry.observationId)
      if (others === undefined) this.#ofNote.set(entry.observationId, [entry])
      else others.push(entry)
    }
    for (const ofNote of this.#ofNote.values()) {
      ofNote.sort((a, b) => compareAge(b, a))
      if (ofNote.length > 1) for (const [id, by] of successors(ofNote)) this.#successors.set(id, by)
    }
  }

  /** Those of a note, the newest first. */
  ofNote(observationId: string): readonly RecommendationEntry[] {
    return this.#ofNote.get(observationId) ?? []
  }

  /** The one that counts in its place; null for one that is not replaced (APP-101). */
  successorOf(id: string): string | null {
    return this.#successors.get(id) ?? null
  }

  /** What counts of a note, the newest first: none of them is replaced. */
  currentOf(observationId: string): readonly RecommendationEntry[] {
    return this.ofNote(observationId).filter(({ id }) => !this.#successors.has(id))
  }

  /** What waits for a person's word and has not passed, the window that opens first in front. @param now milliseconds since 1970 */
  open(now: number): readonly RecommendationEntry[] {
    return [...this.byId.values()]
      .filter((entry) => isOpen(entry, now) && !this.#successors.has(entry.id))
      .toSorted(byWindow)
  }
}

/** Pending, with a window that has not passed. */
export const isOpen = ({ status, endAt }: RecommendationEntry, now: number): boolean =>
  status === 'pending_confirmation' && endAt > now

/** The one whose window opens first in front. */
export const byWindow = (a: RecommendationEntry, b: RecommendationEntry): number =>
  a.startAt - b.startAt || a.endAt - b.endAt || (a.id < b.id ? -1 : 1)

/** The version of the playbook counts before clocks of different devices. */
const compareAge = (a: RecommendationEntry, b: RecommendationEntry): number =>
  a.playbookVersion - b.playbookVersion || a.generatedAt - b.generatedAt || (a.id < b.id ? -1 : 1)

/**
 * Of the recommendations of one note, those that are replaced, each with the one at the end of its chain (APP-101): what another
 * names in `supersedes`; else what was computed from the same weather by an earlier version of the same playbook. Those that
 * replace each other in a circle replace nothing: whoever writes a record may name anything in it.
 *
 * @param ofNote the newest first
 */
function successors(ofNote: readonly RecommendationEntry[]): [id: string, by: string][] {
  const next = (one: RecommendationEntry): RecommendationEntry | undefined =>
    ofNote.find((each) => each !== one && each.supersedes === one.id) ??
    ofNote.find((each) => isAlike(each, one) && each.playbookVersion > one.playbookVersion)
  return ofNote.flatMap((one): [id: string, by: string][] => {
    const seen = new Set([one])
    let last = one
    for (let by = next(one); by !== undefined; by = next(by)) {
      if (seen.has(by)) return []
      seen.add(by)
      last = by
    }
    return last === one ? [] : [[one.id, last.id]]
  })
}

const isAlike = (a: RecommendationEntry, b: RecommendationEntry): boolean =>
  a.playbookId === b.playbookId && a.weatherFeaturesId === b.weatherFeaturesId
