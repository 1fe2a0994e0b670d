import type { FieldsyncClient } from '@fieldsync/client'
import type { Observation, WeatherFeatures } from '@fieldsync/contracts'
import { conflictChoices, type EngineEvent, type LocalConflict, StoreError } from '@fieldsync/sync-engine'

import { type Cause, planFor } from './recommend-for.ts'
import type { RecommendationIndex } from './recommendation-index.ts'
import type { Rights } from './rights.ts'

export type RecommenderOptions = {
  readonly client: Pick<
    FieldsyncClient,
    'conflicts' | 'record' | 'records' | 'resolve' | 'saveRecommendation' | 'subscribe'
  >
  readonly index: Pick<RecommendationIndex, 'ready'>
  readonly deviceId: () => string
  /** What may be used for a note now; null for none. It never waits for the network. */
  readonly weatherFor: (note: Observation) => Promise<WeatherFeatures | null>
  /** That of a recommendation that is there, however old; null where it is not on the device. */
  readonly weatherOf: (weatherFeaturesId: string) => Promise<WeatherFeatures | null>
  /** As known by then. */
  readonly rights: () => Pick<Rights, 'mayChangeNoteOf'>
  /** The workspace's, an IANA name. */
  readonly timeZone: () => string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly onError: (error: unknown) => void
}

/** Notes that are looked at when the app starts, and when weather or a playbook arrives: those of the last days. */
const LATEST = 50
/** A note without a recommendation gets none by itself after so long: what it asks for has passed. */
const MISSING_FOR_MS = 24 * 3_600_000

/**
 * Computes the recommendations for the notes of this device, one after the other, and stores them (APP-98): after a note is saved
 * here, for a note whose app died in between or that came before its playbook, and after newer weather. What a changed playbook
 * means for the others is computed by the server, which has those of every device, and arrives like any record.
 */
export class Recommender {
  readonly #options: RecommenderOptions
  #last: Promise<void> = Promise.resolve()
  #isClosed = true

  constructor(options: RecommenderOptions) {
    this.#options = options
  }

  /** Computes what is missing, and what is asked for from now on. @returns how to end that */
  open(): () => void {
    this.#isClosed = false
    const unsubscribe = this.#options.client.subscribe((event) => this.#take(event))
    void this.#next(() => this.#missing())
    void this.#next(() => this.#dropLost())
    return () => {
      this.#isClosed = true
      unsubscribe()
    }
  }

  /** A person asks for it. */
  forNote(id: string): Promise<void> {
    return this.#next(() => this.#recommend(id, 'note'))
  }

  /** Newer weather is on the device. */
  weatherArrived(): void {
    void this.#next(() => this.#latest('weather'))
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#last
  }

  #take(event: EngineEvent): void {
    if (event.kind === 'saved' && event.record.type === 'observation') {
      const { id } = event.record
      void this.#next(() => this.#recommend(id, 'note'))
    }
    if (event.kind === 'downstream' && event.changed.some(({ type }) => type === 'playbook')) {
      void this.#next(() => this.#missing())
    }
    if (event.kind === 'conflict') {
      const { conflict } = event
      void this.#next(() => this.#drop(conflict))
    }
  }

  #next(work: () => Promise<void>): Promise<void> {
    this.#last = this.#after(this.#last, work)
    return this.#last
  }

  async #after(before: Promise<void>, work: () => Promise<void>): Promise<void> {
    await before
    if (this.#isClosed) return
    try {
      await work()
    } catch (error) {
      // The store was closed under it: another one takes its place.
      if (error instanceof StoreError && error.code === 'closed') return
      this.#options.onError(error)
    }
  }

  #missing(): Promise<void> {
    return this.#latest('missing')
  }

  /** @param cause not `note`: that is one note that was saved */
  async #latest(cause: Cause): Promise<void> {
    const { client, deviceId, now } = this.#options
    for (const { document } of await client.records('observation', { reverse: true, limit: LATEST })) {
      if (document.deviceId !== deviceId()) continue
      const age = now() - Date.parse(document.createdAt)
      if (cause === 'missing' && age > MISSING_FOR_MS) continue
      await this.#recommend(document.observationId, cause)
    }
  }

  async #recommend(id: string, cause: Cause): Promise<void> {
    const { client, index, rights, timeZone, now, weatherFor, weatherOf } = this.#options
    const note = (await client.record('observation', id))?.document
    if (note === undefined || !rights().mayChangeNoteOf(note.deviceId)) return
    const playbooks = (await client.records('playbook')).flatMap(({ server }) => server ?? [])
    const set = await index.ready()
    const [newest] = set.currentOf(id)
    const current = newest && (await client.record('recommendation', newest.id))
    // It waits for a person, or was deleted at this moment.
    if (newest !== undefined && (!current || isWaiting(current.status))) return
    // A note that is corrected days later has its recommendation changed as it was, and not for want of weather.
    const weather =
      (await weatherFor(note)) ?? (newest && (await weatherOf(newest.weatherFeaturesId))) ?? null
    const plan = planFor(
      { note, playbooks, weather, timeZone: timeZone(), now: now() },
      cause,
      current?.document ?? null,
      (known) => set.byId.has(known),
    )
    if (plan.kind !== 'save' || this.#isClosed) return
    const edit = plan.basedOn === undefined ? {} : { basedOn: plan.basedOn }
    // Refused where another tab has stored the same in the meantime: then it is there.
    await client.saveRecommendation(plan.recommendation, edit)
  }

  /** What lost while the app was closed. */
  async #dropLost(): Promise<void> {
    for (const conflict of await this.#options.client.conflicts()) await this.#drop(conflict)
  }

  /**
   * A computed recommendation that nobody has decided on is nobody's work: where the server has another version, that one
   * counts, without asking a person (APP-99).
   */
  async #drop(conflict: LocalConflict): Promise<void> {
    if (!isComputed(conflict)) return
    if (!conflictChoices(conflict).includes('accept_server')) return
    await this.#options.client.resolve.by(conflict.id, 'accept_server')
  }
}

const isWaiting = (status: string): boolean => status === 'conflict' || status === 'quarantined'

const isComputed = ({ losing, kind }: LocalConflict): boolean =>
  'recommendationId' in losing && losing.status === 'pending_confirmation' && kind !== 'quarantine'
