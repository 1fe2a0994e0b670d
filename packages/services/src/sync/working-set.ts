import type {
  DeviceId,
  Observation,
  Playbook,
  PlaybookPatch,
  Recommendation,
  SyncUpserts,
} from '@fieldsync/contracts'
import type { AcceptedPatch, KnownCorrection, StoredPlaybook, StoredRow } from '@fieldsync/db'
import {
  type CanonicalRecord,
  canonicalRecord,
  type PlaybookGrant,
  type StoredObservation,
  type StoredRecommendation,
} from '@fieldsync/domain'

const NONE_ERASED: ReadonlySet<string> = new Set()

/** Records of a batch with their canonical texts, made once. */
export type CanonicalUpserts = {
  observations: CanonicalRecord<Observation>[]
  recommendations: CanonicalRecord<Recommendation>[]
  playbookPatches: CanonicalRecord<PlaybookPatch>[]
}

/** To be completed with the one record of a single-record write. */
export const NO_UPSERTS = { observations: [], recommendations: [], playbookPatches: [] }

/** A record as it stands while a batch is decided: as stored, or as an earlier record of the batch left it. */
export type WorkingRecord<State> = {
  state: State
  /** Revision it was read at; null if this batch made it. */
  revision: number | null
  /** When the server stored it; null if this batch did. */
  storedAt: Date | null
  changed: boolean
  /** Only its effective time was moved. */
  moved: boolean
  /** Written by the server itself, in consequence of what the caller wrote (REC-16): last in the log. */
  byServer?: true
}

/** Something that was looked at besides the records, and must be as it was when the batch is written. */
export type Guard = {
  /** `pending`: the newest position among the pending recommendations of a playbook whose window is open. */
  kind: 'observation' | 'recommendation' | 'playbook' | 'pending'
  id: string
  revision: number | null
}

export type WorkingPlaybook = {
  document: Playbook
  text: string
  revision: number
  changed: boolean
  /** Its active version is a retirement (PUB-5). */
  retired: boolean
  /** A change of it takes two persons (PUB-10). */
  fourEyes: boolean
}

/** Everything the decisions of one batch look at: read in a few set-based queries, then changed as records are accepted. */
export type WorkingSet = {
  /** Ids that were looked for, found or not. */
  asked: { observation: readonly string[]; recommendation: readonly string[]; playbook: readonly string[] }
  observations: Map<string, WorkingRecord<StoredObservation>>
  recommendations: Map<string, WorkingRecord<StoredRecommendation>>
  playbooks: Map<string, WorkingPlaybook>
  acceptedPatches: Map<string, AcceptedPatch & { canonical: CanonicalRecord<PlaybookPatch> }>
  /** What the caller was granted; read only where there are patches. */
  grants: readonly PlaybookGrant[]
  /** Which of the records that are not stored were erased, as `type id`; read only once a commit has found one (ERA-3). */
  erased: ReadonlySet<string>
  guards: Guard[]
}

export const unique = (ids: Iterable<string>): string[] => [...new Set(ids)]

/** The rows that a batch meets, as they were read. */
export type StoredRows = {
  asked: WorkingSet['asked']
  observationRows: StoredRow[]
  correctionRows: KnownCorrection[]
  recommendationRows: StoredRow[]
  playbookRows: StoredPlaybook[]
  patchRows: AcceptedPatch[]
  grants: readonly PlaybookGrant[]
  erased: ReadonlySet<string>
}

/** Where a decision begins that names no record, and reads what it looks at by itself. */
export const NOTHING_STORED: StoredRows = {
  asked: { observation: [], recommendation: [], playbook: [] },
  observationRows: [],
  correctionRows: [],
  recommendationRows: [],
  playbookRows: [],
  patchRows: [],
  grants: [],
  erased: NONE_ERASED,
}

/** Every record that the upserts name, by kind. */
export function askedFor({
  observations,
  recommendations,
  playbookPatches,
}: SyncUpserts): WorkingSet['asked'] {
  return {
    observation: unique([
      ...observations.map((record) => record.observationId),
      ...recommendations.map((record) => record.observationId),
    ]),
    recommendation: unique(recommendations.map((record) => record.recommendationId)),
    playbook: unique(playbookPatches.map((record) => record.playbookId)),
  }
}

/**
 * What is stored under the ids of a batch of new records: nothing. Undefined where it must be read. A phone
 * that was offline all day sends such a batch, and the commit finds out if it is not one: the read is spared.
 */
export function nothingStored(upserts: SyncUpserts): StoredRows | undefined {
  const { observations, recommendations, playbookPatches } = upserts
  const made = new Set<string>(observations.map((record) => record.observationId))
  const restsOnOthers =
    playbookPatches.length > 0 ||
    observations.some((record) => record.correction !== undefined) ||
    recommendations.some((record) => !made.has(record.observationId))
  if (restsOnOthers) return undefined
  return { ...NOTHING_STORED, asked: askedFor(upserts) }
}

/** What the decisions of a batch start from. */
export function workingSetOf(rows: StoredRows): WorkingSet {
  const {
    asked,
    observationRows,
    correctionRows,
    recommendationRows,
    playbookRows,
    patchRows,
    grants,
    erased,
  } = rows
  const corrections = Map.groupBy(correctionRows, (row) => row.observationId)
  return {
    asked,
    grants,
    erased,
    guards: [],
    observations: new Map(
      observationRows.map((row) => {
        const known = corrections.get(row.id) ?? []
        return [
          row.id,
          working(row, (canonical: CanonicalRecord<Observation>) => ({
            canonical,
            timeMicros: row.timeMicros,
            corrections: new Map(known.map((each) => [each.correctionId, each.contentSha256])),
          })),
        ]
      }),
    ),
    recommendations: new Map(
      recommendationRows.map((row) => [
        row.id,
        working(row, (canonical: CanonicalRecord<Recommendation>) => ({
          canonical,
          timeMicros: row.timeMicros,
        })),
      ]),
    ),
    playbooks: new Map(
      playbookRows.map((row) => {
        // Stored from a parsed Playbook, so it is one.
        const document = JSON.parse(row.document) as Playbook
        const { retired, fourEyes } = row
        const revision = document.version
        return [row.id, { document, text: row.document, revision, changed: false, retired, fourEyes }]
      }),
    ),
    acceptedPatches: new Map(
      patchRows.map((row) => [
        row.id,
        { ...row, canonical: canonicalRecord(JSON.parse(row.document) as PlaybookPatch) },
      ]),
    ),
  }
}

/** A stored record as it stands before anything is decided. Documents were written from parsed records, so they are some. */
export function working<Doc extends object, State>(
  row: StoredRow,
  toState: (canonical: CanonicalRecord<Doc>) => State,
): WorkingRecord<State> {
  return {
    state: toState(canonicalRecord(JSON.parse(row.document) as Doc)),
    revision: row.revision,
    storedAt: row.storedAt,
    changed: false,
    moved: false,
  }
}

/** The author of an observation, if it is known. */
export const authorOf = (set: WorkingSet, observationId: string): DeviceId | undefined =>
  set.observations.get(observationId)?.state.canonical.record.deviceId
