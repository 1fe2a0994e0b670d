import type { Queryable } from '../transaction.ts'

/** A JSON text for a `json` parameter; null leaves that part of the write out. */
type JsonParameter = string | null

/** JSON texts in the order of their rows, joined by {@link DOCUMENT_SEPARATOR}. */
type DocumentsParameter = string | null

/** Record separator (RFC 7464): no JSON text holds it unescaped. */
export const DOCUMENT_SEPARATOR = '\u001e'

/**
 * One write to a workspace, decided and ready: the arguments of the database function `fieldsync_commit`, which
 * documents them. Everything that must be true when it is stored is looked at again under the workspace's lock.
 */
export type WorkspaceWrite = {
  workspaceId: string
  deviceId: string
  /** Of the calling device; null for the system itself. */
  epoch: number | null
  operation: string
  idempotencyKey: string | null
  syncId: string | null
  requestSha256: string | null
  now: Date
  cursor: string | null
  position: number
  /** Null: the answer carries no downstream. */
  maxRecords: number | null
  maxBytes: number
  guards: JsonParameter
  moved: JsonParameter
  newObservations: JsonParameter
  newObservationDocuments: DocumentsParameter
  changedObservations: JsonParameter
  changedObservationDocuments: DocumentsParameter
  corrections: JsonParameter
  newRecommendations: JsonParameter
  newRecommendationDocuments: DocumentsParameter
  changedRecommendations: JsonParameter
  changedRecommendationDocuments: DocumentsParameter
  playbooks: JsonParameter
  versions: JsonParameter
  patches: JsonParameter
  conflicts: JsonParameter
  /** How many positions of the log this write takes. */
  positions: number
  /** Keys the cursors that will point into this write; 32 random bytes. */
  secret: Buffer
  metadata: JsonParameter
  metadataMicros: number | null
  report: JsonParameter
  resolved: JsonParameter
  auditPrefix: string
  auditSuffix: string
  responseStart: string
  responseMiddle: string
  responseEnd: string
  counts: JsonParameter
}

// In the order of the function's parameters.
const PARAMETERS = [
  'workspaceId',
  'deviceId',
  'epoch',
  'operation',
  'idempotencyKey',
  'syncId',
  'requestSha256',
  'now',
  'cursor',
  'position',
  'maxRecords',
  'maxBytes',
  'guards',
  'moved',
  'newObservations',
  'newObservationDocuments',
  'changedObservations',
  'changedObservationDocuments',
  'corrections',
  'newRecommendations',
  'newRecommendationDocuments',
  'changedRecommendations',
  'changedRecommendationDocuments',
  'playbooks',
  'versions',
  'patches',
  'conflicts',
  'positions',
  'secret',
  'metadata',
  'metadataMicros',
  'report',
  'resolved',
  'auditPrefix',
  'auditSuffix',
  'responseStart',
  'responseMiddle',
  'responseEnd',
  'counts',
] as const satisfies readonly (keyof WorkspaceWrite)[]

const COMMIT = `SELECT outcome, response FROM fieldsync_commit(${PARAMETERS.map((_, i) => `$${i + 1}`).join(', ')})`

export type WriteOutcome =
  | { outcome: 'done' | 'replay'; response: string }
  /** `stale`: something that was read has changed since; read and decide again. */
  | { outcome: 'credential' | 'key_conflict' | 'cursor_invalid' | 'stale' }

// FS001: raised by the function when a row changed after it was read; 23505: a row that should be new exists.
const STALE = new Set(['FS001', '23505'])

/** Carries out one write in one transaction and one round trip. */
export async function commitWrite(connection: Queryable, write: WorkspaceWrite): Promise<WriteOutcome> {
  try {
    const { rows } = await connection.query<WriteOutcome>({
      name: 'fieldsync_commit',
      text: COMMIT,
      values: PARAMETERS.map((name) => write[name]),
    })
    const [row] = rows
    if (!row) throw new Error('fieldsync_commit answered nothing')
    return row
  } catch (error) {
    if (error instanceof Error && 'code' in error && STALE.has(String(error.code)))
      return { outcome: 'stale' }
    throw error
  }
}
