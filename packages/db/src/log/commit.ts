import { addJobsSql } from '../jobs/queue.ts'
import type { Queryable } from '../transaction.ts'
import { type CursorPosition, NOWHERE, provesItself } from './cursor-proof.ts'

/** A JSON text for a `json` parameter; null omits that part of the write. */
type JsonParameter = string | null

/** JSON texts in the order of their rows, joined by {@link DOCUMENT_SEPARATOR}. */
type DocumentsParameter = string | null

/** Record separator (RFC 7464): no JSON text contains it unescaped. */
export const DOCUMENT_SEPARATOR = '\u001e'

/**
 * One write to a workspace, decided and ready: the arguments of the database function `fieldsync_commit`, which
 * documents them. Everything that must be true when it is stored is checked again under the workspace's lock.
 */
export type WorkspaceWrite = CursorPosition & {
  workspaceId: string
  deviceId: string
  /** Of the calling device; null for the system itself. */
  epoch: number | null
  operation: string
  idempotencyKey: string | null
  syncId: string | null
  requestSha256: string | null
  now: Date
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
  /** What the written records change in the workspace's state hash (HSH-1), hex; null for nothing. */
  stateDelta: string | null
  /** The key of the cursors that will point into this write; 32 random bytes. */
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
  /** Jobs that follow from this write, added with it (JOB-1): an array of `JobSpec`. */
  jobs: JsonParameter
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
  'stateDelta',
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

// The head that a cursor proves is checked outside the function: once true, it stays true, so no lock is needed.
const HEAD_PARAMETERS = 2
const PARAMETERS_OF_ONE = PARAMETERS.length + HEAD_PARAMETERS

/**
 * `fieldsync_commit` once for each write, in their order. Jobs are added by the same statement, which most writes are spared:
 * the notification of the queue makes every commit with one wait for its turn.
 */
function statement(writes: number, { jobs }: { jobs: boolean }): { name: string; text: string } {
  const parametersOfOne = PARAMETERS_OF_ONE + (jobs ? 1 : 0)
  const call = (n: number): string => {
    const place = (i: number): string => `$${n * parametersOfOne + i + 1}`
    const workspaceId = place(PARAMETERS.indexOf('workspaceId'))
    const onThisHistory = provesItself(
      workspaceId,
      `${place(PARAMETERS.length)}::text`,
      `${place(PARAMETERS.length + 1)}::bigint`,
    )
    const parameters = PARAMETERS.map((name, i) =>
      name === 'position'
        ? `CASE WHEN ${onThisHistory} THEN ${place(i)}::bigint ELSE ${NOWHERE} END`
        : place(i),
    )
    const spec = place(PARAMETERS_OF_ONE)
    const added = jobs
      ? `, CASE WHEN outcome = 'done' AND ${spec}::json IS NOT NULL THEN ${addJobsSql(spec)} END AS jobs`
      : ''
    return `SELECT ${n} AS n, outcome, response${added} FROM fieldsync_commit(${parameters.join(', ')})`
  }
  return {
    name: `fieldsync_commit${writes === 1 ? '' : `_${writes}`}${jobs ? '_jobs' : ''}`,
    text: Array.from({ length: writes }, (_, n) => call(n)).join(' UNION ALL '),
  }
}

const valuesOf = (write: WorkspaceWrite, jobs: boolean): unknown[] => [
  ...PARAMETERS.map((name) => write[name]),
  write.head?.cursor ?? null,
  write.head?.position ?? null,
  ...(jobs ? [write.jobs] : []),
]

/** Maximum writes in one transaction; each count is a prepared statement of its own. */
export const MOST_WRITES_AT_ONCE = 8
const statements = (jobs: boolean) =>
  Array.from({ length: MOST_WRITES_AT_ONCE + 1 }, (_, writes) => statement(writes, { jobs }))
const STATEMENTS = { plain: statements(false), withJobs: statements(true) }

export type WriteOutcome =
  | { outcome: 'done' | 'replay'; response: string }
  /** `stale`: something that was read has changed since; read and decide again. */
  | { outcome: 'credential' | 'key_conflict' | 'cursor_invalid' | 'stale' }

/**
 * Carries out writes in one transaction and one round trip, in their order. Each takes effect as a whole or not at all,
 * regardless of the others; only a failure of the database itself rolls all of them back.
 *
 * @param writes at most {@link MOST_WRITES_AT_ONCE}
 */
export async function commitWrites(
  connection: Queryable,
  writes: readonly WorkspaceWrite[],
): Promise<WriteOutcome[]> {
  const jobs = writes.some((write) => write.jobs !== null)
  const prepared = (jobs ? STATEMENTS.withJobs : STATEMENTS.plain)[writes.length]
  if (!prepared) throw new RangeError(`${writes.length} writes at once`)
  const { rows } = await connection.query<WriteOutcome & { n: number }>({
    ...prepared,
    values: writes.flatMap((write) => valuesOf(write, jobs)),
  })
  return writes.map((_, n) => {
    const row = rows.find((each) => each.n === n)
    if (!row) throw new Error('fieldsync_commit returned no row')
    return row
  })
}

/** One write in a transaction of its own, or in the one that `connection` is in. */
export async function commitWrite(connection: Queryable, write: WorkspaceWrite): Promise<WriteOutcome> {
  const [outcome] = await commitWrites(connection, [write])
  if (!outcome) throw new Error('fieldsync_commit returned no row')
  return outcome
}
