import { instantMicros, parseSyncBatch, type Recommendation, type SyncConflict } from '@fieldsync/contracts'
import type { MemberTexts, VersionStep } from '@fieldsync/db'
import {
  type AuditChange,
  canonicalRecord,
  combineDigests,
  EMPTY_STATE_HASH,
  recordDigest,
  searchTextOf,
} from '@fieldsync/domain'
import { syncBatch, type SyncBatchOverrides } from '@fieldsync/testkit'

import { sha256 } from '../core/json-text.ts'
import { canonicalUpserts } from '../sync/batch-fingerprint.ts'
import { decideUpserts } from '../sync/decide-upserts.ts'
import type { DecideContext } from '../sync/decision.ts'
import { planWrite } from '../sync/plan-write.ts'
import { askedFor, type StoredRows } from '../sync/working-set.ts'

type Json = Record<string, unknown>
type Kind = keyof StoredRows['asked']
const KINDS = ['observation', 'recommendation', 'playbook'] as const

type Row = { id: string; document: string; timeMicros: number; revision: number; place: number }
type Correction = { observation: string; id: string; sha256: string; before: unknown; after: unknown }
type Patch = { id: string; playbook: string; outcome: string; code: string | null } & {
  old: number | null
  new: number | null
  document: object
}

/** What became of one batch. */
export type Decided = { accepted: number; conflicts: SyncConflict[]; changes: AuditChange[] }

/**
 * A workspace in memory that holds a plan to its word, as the database does: a row is written only at the revision that
 * it was read at, and all that was looked at is as it was. What a column repeats of a record must be so.
 */
export class PlannedStore {
  readonly #kinds: Record<Kind, Map<string, Row>> = {
    observation: new Map(),
    recommendation: new Map(),
    playbook: new Map(),
  }
  readonly corrections: Correction[] = []
  readonly versions: (VersionStep & { playbook: string; document: object })[] = []
  readonly patches: Patch[] = []
  readonly queue: Json[] = []
  stateHash = EMPTY_STATE_HASH
  #head = 0
  readonly #storedAt: Date

  constructor(playbook: object & { playbookId: string; version: number }, storedAt: Date) {
    const { playbookId: id, version: revision } = playbook
    const document = canonicalRecord(playbook).text
    this.#kinds.playbook.set(id, { id, document, timeMicros: 0, revision, place: ++this.#head })
    this.stateHash = this.hashed
    this.#storedAt = storedAt
  }

  /** Decides a batch on what is stored, and carries out its plan. */
  async write(context: DecideContext, overrides: SyncBatchOverrides): Promise<Decided> {
    const parsed = parseSyncBatch(syncBatch(overrides))
    if (!parsed.ok) throw new Error(JSON.stringify(parsed))
    const { upserts } = parsed.value
    const rows = this.#read(askedFor(upserts))
    const versionsSince = (playbookId: string, version: number, limit: number): Promise<VersionStep[]> =>
      Promise.resolve(
        this.versions
          .filter((made) => made.playbook === playbookId && made.version > version)
          .slice(0, limit),
      )
    const { set, decisions } = await decideUpserts(versionsSince, context, canonicalUpserts(upserts), rows)
    this.#carryOut(planWrite(set, decisions), rows.asked)
    return {
      accepted: Object.values(decisions.accepted).reduce((sum, count) => sum + count, 0),
      conflicts: decisions.conflicts.map(({ conflict }) => conflict),
      changes: decisions.changes,
    }
  }

  /** Every record as it stands, in the order of their last change. */
  get records(): Omit<Row, 'place' | 'revision'>[] {
    return Object.values(this.#kinds)
      .flatMap((rows) => [...rows.values()])
      .toSorted((a, b) => a.place - b.place)
      .map(({ id, document, timeMicros }) => ({ id, document, timeMicros }))
  }

  /** The document of one record; undefined if it is not there. */
  document(id: string): string | undefined {
    return this.records.find((row) => row.id === id)?.document
  }

  /** The state hash of all records, computed from them (HSH-1). */
  get hashed(): string {
    const digests = KINDS.flatMap((kind) =>
      [...this.#kinds[kind].values()].map(({ id, document }) =>
        recordDigest(kind, id, canonicalRecord(JSON.parse(document) as object), sha256),
      ),
    )
    return combineDigests(...digests)
  }

  #read(asked: StoredRows['asked']): StoredRows {
    const rows = (kind: Kind): (Row & { storedAt: Date })[] =>
      asked[kind]
        .flatMap((id) => this.#kinds[kind].get(id) ?? [])
        .map((row) => ({ ...row, storedAt: this.#storedAt }))
    return {
      asked,
      observationRows: rows('observation'),
      correctionRows: this.corrections.map((row) => ({
        observationId: row.observation,
        correctionId: row.id,
        contentSha256: row.sha256,
      })),
      recommendationRows: rows('recommendation'),
      playbookRows: rows('playbook').map((row) => ({ ...row, retired: false, fourEyes: false })),
      patchRows: this.patches
        .filter(({ outcome }) => outcome === 'applied')
        .map((row) => ({
          id: row.id,
          document: JSON.stringify(row.document),
          playbookId: row.playbook,
          oldVersion: row.old ?? 0,
          newVersion: row.new ?? 0,
          receivedAt: this.#storedAt,
        })),
      erased: new Set(),
      grants: [
        {
          playbookId: null,
          path: '',
          actions: ['edit', 'create', 'delete'],
          notBefore: null,
          expiresAt: null,
        },
      ],
    }
  }

  #carryOut(plan: ReturnType<typeof planWrite>, asked: StoredRows['asked']): void {
    const seen = new Set<string>()
    const asRead = (kind: Kind, row: Json): Row | undefined => {
      const id = String(row['id'])
      const stored = this.#kinds[kind].get(id)
      if ((stored?.revision ?? null) !== row['revision']) throw new Error(`${id} is not as it was read`)
      if (seen.has(id)) throw new Error(`${id} is in the plan twice`)
      seen.add(id)
      return stored
    }
    for (const guard of listOf(plan.guards)) asRead(guard['kind'] as Kind, guard)
    for (const row of listOf(plan.moved)) {
      const stored = asRead(row['kind'] as Kind, row)
      if (!stored || stored.timeMicros >= Number(row['time'])) throw new Error('a time moves forward only')
      Object.assign(stored, { timeMicros: row['time'], revision: stored.revision + 1 })
    }
    const places: number[] = []
    const put = (kind: 'observation' | 'recommendation', row: Json, text: string): void => {
      const record = JSON.parse(text) as Json
      const { i, id, time, revision } = row as {
        i: number
        id: string
        time: number
        revision: number | null
      }
      const columns =
        kind === 'observation'
          ? { device: record['deviceId'], search: searchTextOf(record as Parameters<typeof searchTextOf>[0]) }
          : {
              observation: record['observationId'],
              playbook: record['playbookId'],
              ends: instantMicros((record as Recommendation).timingWindow.endAt),
            }
      const expected = {
        i,
        id: record[`${kind}Id`],
        status: record['status'],
        bytes: Buffer.byteLength(text),
        time,
        ...columns,
        revision,
      }
      if (JSON.stringify(row) !== JSON.stringify(expected))
        throw new Error(`${JSON.stringify(row)} says other things than its record`)
      places.push(i)
      const next = { id, document: text, timeMicros: time, revision: (revision ?? 0) + 1 }
      this.#kinds[kind].set(id, { ...next, place: this.#head + i })
    }
    for (const [kind, fresh, freshTexts, changed, changedTexts] of [
      [
        'observation',
        plan.newObservations,
        plan.newObservationDocuments,
        plan.changedObservations,
        plan.changedObservationDocuments,
      ],
      [
        'recommendation',
        plan.newRecommendations,
        plan.newRecommendationDocuments,
        plan.changedRecommendations,
        plan.changedRecommendationDocuments,
      ],
    ] as const) {
      for (const [row, text] of paired(fresh, freshTexts)) {
        asRead(kind, { ...row, revision: null })
        put(kind, row, text)
      }
      for (const [row, text] of paired(changed, changedTexts)) {
        asRead(kind, row)
        put(kind, row, text)
      }
    }
    const versions = listOf(plan.versions)
    for (const row of listOf(plan.playbooks)) {
      asRead('playbook', row)
      const made = versions.findLast((version) => version['playbook'] === row['id'])
      const document = made?.['document'] as Json
      if (document['version'] !== row['version'] || document['updatedAt'] !== row['updated'])
        throw new Error('the active version is the last one that was made')
      places.push(Number(row['i']))
      const id = String(row['id'])
      this.#kinds.playbook.set(id, {
        id,
        document: canonicalRecord(document).text,
        timeMicros: 0,
        revision: Number(row['version']),
        place: this.#head + Number(row['i']),
      })
    }
    const unguarded = Object.values(asked)
      .flat()
      .filter((id) => !seen.has(id))
    if (unguarded.length > 0) throw new Error(`${unguarded.join()} may change under the plan`)
    const inOrder = places.toSorted((a, b) => a - b).every((place, before) => place === before + 1)
    if (!inOrder || plan.positions !== places.length)
      throw new Error('every change has a position of its own')
    for (const [ordinal, row] of listOf(plan.corrections).entries()) {
      const { i, ordinal: written, ...correction } = row
      const place = this.#kinds.observation.get(String(row['observation']))?.place
      if (place !== this.#head + Number(i) || written !== ordinal)
        throw new Error('a correction is in the log with its observation, in order')
      this.corrections.push(correction as Correction)
    }
    for (const row of versions) {
      const { playbook, version, patch, paths, document } = row
      this.versions.push({ playbook, version, patchId: patch, paths, document } as (typeof this.versions)[0])
    }
    this.patches.push(...(listOf(plan.patches) as Patch[]))
    this.queue.push(...listOf(plan.conflicts))
    this.#head += plan.positions
    if (plan.stateDelta !== null) this.stateHash = combineDigests(this.stateHash, plan.stateDelta)
  }
}

/** The rows that a plan writes as the members of JSON objects. */
const listOf = (rows: MemberTexts): Json[] => rows.map((members) => JSON.parse(`{${members}}`) as Json)

function paired(rows: MemberTexts, documents: readonly string[]): [Json, string][] {
  const listed = listOf(rows)
  if (documents.length !== listed.length) throw new Error('a row for every document')
  return listed.map((row, index) => [row, documents[index] ?? ''])
}
