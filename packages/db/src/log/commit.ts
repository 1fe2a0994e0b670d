import { addJobsSql } from '../jobs/queue.ts'
import type { Queryable } from '../transaction.ts'
import type { CursorPosition } from './cursor-proof.ts'

/** A JSON text for a `json` column; null for none. */
type JsonValue = string | null

/**
 * Rows of one kind, each as the members of a JSON object without its braces: `"i":1,"id":"obs_1"`. They are numbered, put
 * together with those of other writes and sent as they are.
 */
export type MemberTexts = readonly string[]

/** Record separator (RFC 7464): no JSON text contains it unescaped. */
export const DOCUMENT_SEPARATOR = '\u001e'

/**
 * One write to a workspace, decided and ready, as the database function `fieldsync_commit_all` takes it, which documents
 * its parts. Everything that must be true when it is stored is checked again under the workspace's lock.
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
  /** It was decided on more than the records that it names: it shares a transaction with no other write of its workspace. */
  exclusive: boolean
  /** Ids of the records and conflicts that it writes or was decided on; no two writes of one of them share a transaction. */
  touches: readonly string[]
  guards: MemberTexts
  moved: MemberTexts
  newObservations: MemberTexts
  /** The JSON texts of the records, in the order of their rows; so are the others. */
  newObservationDocuments: readonly string[]
  changedObservations: MemberTexts
  changedObservationDocuments: readonly string[]
  corrections: MemberTexts
  newRecommendations: MemberTexts
  newRecommendationDocuments: readonly string[]
  changedRecommendations: MemberTexts
  changedRecommendationDocuments: readonly string[]
  playbooks: MemberTexts
  versions: MemberTexts
  patches: MemberTexts
  conflicts: MemberTexts
  /** How many positions of the log this write takes. */
  positions: number
  /** What the written records change in the workspace's state hash (HSH-1), hex; null for nothing. */
  stateDelta: string | null
  /** The key of the cursors that will point into this write; 32 random bytes. */
  secret: Buffer
  metadata: JsonValue
  metadataMicros: number | null
  report: JsonValue
  resolved: JsonValue
  auditPrefix: string
  auditSuffix: string
  responseStart: string
  responseMiddle: string
  responseEnd: string
  counts: JsonValue
  /** Jobs that follow from this write, added with it (JOB-1): an array of `JobSpec`. */
  jobs: JsonValue
}

type RowsOf<Type> = {
  [Name in keyof WorkspaceWrite]: WorkspaceWrite[Name] extends Type ? Name : never
}[keyof WorkspaceWrite]

/** The lists of a write, in the order of the function's parameters: rows, each followed by their documents if they have any. */
const LISTS = [
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
] as const satisfies readonly RowsOf<readonly string[]>[]

const DOCUMENTS: ReadonlySet<string> = new Set(LISTS.filter((name) => name.endsWith('Documents')))

const CALL = `fieldsync_commit_all(${['wait', 'writes', 'texts', ...LISTS].map((_, i) => `$${i + 1}`).join(', ')})`
const JOBS = `$${LISTS.length + 4}`

// Most writes add no jobs, and are spared this: the notification of the queue makes every commit with one wait for its turn.
const STATEMENTS = {
  plain: { name: 'fieldsync_commit_all', text: `SELECT n, outcome, response FROM ${CALL}` },
  withJobs: {
    name: 'fieldsync_commit_all_jobs',
    text: `SELECT n, outcome, response, CASE WHEN outcome = 'done' AND (${JOBS}::text[])[n] IS NOT NULL
      THEN ${addJobsSql(`(${JOBS}::text[])[n]`)} END AS jobs FROM ${CALL}`,
  },
}

export type WriteOutcome =
  | { outcome: 'done' | 'replay'; response: string }
  /** `stale`: something that was read has changed since; read and decide again. */
  | { outcome: 'credential' | 'key_conflict' | 'cursor_invalid' | 'stale' }

/**
 * What becomes of a write in a group; nothing is written of one that was
 * - `held`: another transaction holds its workspace;
 * - `alone`: a write of its round cannot be carried out, and it does not show which.
 */
export type GroupOutcome = WriteOutcome | { outcome: 'held' | 'alone' }

/** Whether a write has ended so, and is not to be tried again by itself. */
export const isWriteOutcome = (outcome: GroupOutcome): outcome is WriteOutcome =>
  outcome.outcome !== 'held' && outcome.outcome !== 'alone'

/** A write, and its place among the others of a transaction. */
export type GroupedWrite = {
  readonly write: WorkspaceWrite
  /**
   * From 1, ascending: writes of one round are carried out as a set, and of one workspace only the first of a round changes
   * stored records. No two writes of a group are of one device or touch the same record.
   */
  readonly round: number
}

/**
 * Carries out writes of one or several workspaces in one transaction and one round trip, each as a whole or not at all,
 * regardless of the others; only a failure of the database itself rolls all of them back. Those of one workspace are in
 * the order given.
 *
 * @param wait for workspaces that another transaction holds; only if all writes are of the same one
 */
export async function commitGroup(
  connection: Queryable,
  group: readonly GroupedWrite[],
  { wait }: { wait: boolean },
): Promise<GroupOutcome[]> {
  const values: unknown[] = [
    wait,
    `[${group.map(scalarsOf).join(',')}]`,
    joined(
      group.flatMap(({ write }) => textsOf(write)),
      DOCUMENT_SEPARATOR,
    ),
    ...LISTS.map((name) => (DOCUMENTS.has(name) ? documentsOf(group, name) : rowsOf(group, name))),
  ]
  const hasJobs = group.some(({ write }) => write.jobs !== null)
  if (hasJobs) values.push(group.map(({ write }) => write.jobs))
  const { rows } = await connection.query<GroupOutcome & { n: number }>({
    ...(hasJobs ? STATEMENTS.withJobs : STATEMENTS.plain),
    values,
  })
  return group.map((_, i) => {
    const row = rows[i]
    if (row?.n !== i + 1) throw new Error('fieldsync_commit_all did not return every write in order')
    return row
  })
}

/** One write in a transaction of its own, or in the one that `connection` is in; it waits for its workspace. */
export async function commitWrite(connection: Queryable, write: WorkspaceWrite): Promise<WriteOutcome> {
  const [outcome] = await commitGroup(connection, [{ write, round: 1 }], { wait: true })
  if (!outcome || !isWriteOutcome(outcome)) throw new Error(`a write by itself ended as ${outcome?.outcome}`)
  return outcome
}

const json = (value: unknown): string => JSON.stringify(value)

const scalarsOf = ({ write, round }: GroupedWrite): string =>
  `{"round":${round},"workspace":${json(write.workspaceId)},"device":${json(write.deviceId)},"epoch":${write.epoch},` +
  `"operation":${json(write.operation)},"key":${json(write.idempotencyKey)},"sync_id":${json(write.syncId)},` +
  `"sha256":${json(write.requestSha256)},"now":${json(write.now)},"cursor":${json(write.cursor)},"position":${write.position},` +
  (write.head ? `"head_cursor":${json(write.head.cursor)},"head_position":${write.head.position},` : '') +
  `"max_records":${write.maxRecords},"max_bytes":${write.maxBytes},"positions":${write.positions},` +
  `"state_delta":${json(write.stateDelta)},"secret":"${write.secret.toString('hex')}","changes":${changesOf(write)},` +
  `"metadata":${write.metadata},"metadata_micros":${write.metadataMicros},"report":${write.report},` +
  `"resolved":${write.resolved},"counts":${write.counts}}`

const changesOf = (write: WorkspaceWrite): number =>
  write.changedObservations.length +
  write.changedRecommendations.length +
  write.moved.length +
  write.playbooks.length

const textsOf = (write: WorkspaceWrite): string[] => [
  write.auditPrefix,
  write.auditSuffix,
  write.responseStart,
  write.responseMiddle,
  write.responseEnd,
]

/** The rows of all writes as one JSON array, each with the number of its write; null for none. */
function rowsOf(group: readonly GroupedWrite[], name: RowsOf<MemberTexts>): string | Buffer | null {
  const rows: string[] = []
  for (const [i, { write }] of group.entries()) {
    if (write[name].length === 0) continue
    const numbered = `{"w":${i + 1},`
    rows.push(`${rows.length === 0 ? '[' : ''}${numbered}${write[name].join(`},${numbered}`)}}`)
  }
  if (rows.length === 0) return null
  rows.push(`${rows.pop()}]`)
  return joined(rows, ',')
}

function documentsOf(
  group: readonly GroupedWrite[],
  name: RowsOf<readonly string[]>,
): string | Buffer | null {
  const documents = group.flatMap(({ write }) => write[name])
  return documents.length === 0 ? null : joined(documents, DOCUMENT_SEPARATOR)
}

/** V8 gives a longer string pages of its own, of which each one that is touched first costs more than writing its text. */
const LONGEST_STRING = 100_000

/** Texts as one parameter, a long one as its bytes: it is never put together as a string. @param separator one ASCII character */
function joined(texts: readonly string[], separator: string): string | Buffer {
  const characters = texts.reduce((sum, text) => sum + text.length + 1, 0)
  if (characters <= LONGEST_STRING) return texts.join(separator)
  const length = texts.reduce((sum, text) => sum + Buffer.byteLength(text), texts.length - 1)
  const bytes = Buffer.allocUnsafe(length)
  let end = 0
  for (const [i, text] of texts.entries()) {
    if (i > 0) bytes[end++] = separator.charCodeAt(0)
    end += bytes.write(text, end)
  }
  return bytes
}
