import type { ConflictId, ConflictResolution, DeviceReport, StateHash, SyncId } from '@fieldsync/contracts'

import type { EntityDocuments, LocalRecord, WritableType } from './local-record.ts'
import type { ReadTransaction, WriteTransaction } from './local-store.ts'
import type { Wipe } from './wipe.ts'

/** The outbox in numbers, changed in the same transaction as the entries. */
export type QueueNumbers = {
  /** The next place in the outbox; never given twice. */
  nextSequence: number
  pending: number
  conflicts: number
  quarantined: number
  /** Records of which a version is only on this device (ENG-41). */
  localOnly: number
  /** Entries before this place may have been decided on in a batch whose answer is lost for good. */
  unsettledBefore: number
  /** How often a queued write was replaced in its place; missing before the first time. */
  replaced?: number
}

/** The numbers as they are stored, or those of a new device; a store of an older version lacks some. */
export const queueNumbers = (stored: Partial<QueueNumbers> | undefined): QueueNumbers => ({
  nextSequence: 1,
  pending: 0,
  conflicts: 0,
  quarantined: 0,
  localOnly: 0,
  unsettledBefore: 0,
  ...stored,
})

/** How far this device follows the server. */
export type Position = {
  cursor: string
  /** The device's own state hash over all `server` sides (HSH-1). */
  stateHash: StateHash
  /** Number of the newest full pull. */
  generation: number
  /** Milliseconds on the device's clock. */
  lastSyncAt: number | null
  /**
   * Whom the store belongs to: null until its first use, then the device id alone until a server has named its workspace,
   * then both (ENG-22; `foreign-store.ts`).
   */
  owner: string | null
  /** The next number in the order of arrival (ENG-56); missing in a store of an earlier version. */
  nextArrival?: number
  /** The device's clock minus the server's, in milliseconds; 0 while they agree, missing while nothing is known (ENG-57). */
  clockOffset?: number
}

/** What is known of the server that was reached last. */
export type Contact = {
  /** Where it is, as the transport names it. */
  address: string
  /** What it speaks: as announced by its last answer that announced it (ENG-31). */
  contract: string
  /** Null at a server that names none. */
  workspaceUid: string | null
  workspaceName: string | null
  /** The store was found not to be of that workspace: nothing goes there before a person decides. */
  isForeign: boolean
  /** Where the server was whose workspace the store is; null before it was reached. */
  home: string | null
}

/** A batch that goes out as it is until it is answered; its text is kept apart, since only sending needs it. */
export type InFlightBatch = {
  syncId: SyncId
  /** Its entries with their places in the outbox, in the order of the arrays of `upserts`. */
  entries: { key: string; type: WritableType; id: string }[]
  cursor: string
  /** Most records that were asked for with the answer; missing in batches of earlier versions. */
  page?: number
  /** What of the report waits for this answer. */
  reported: Reported
  /** What the server spoke as far as was known when the batch was built; absent: nothing was announced then. */
  contract?: string
  /** Places of the entries that went out otherwise than they were written (ENG-32, ENG-34). */
  altered?: string[]
}

/**
 * The second stored batch: sent when the answer to the in-flight one was there, and before that was applied (ENG-87). It is
 * stored beside the in-flight batch, and its records do not count as on their way before they are the in-flight batch's: a
 * build that knows one stored batch alone finds writes that are queued, and, by `unsettledBefore`, may have been decided on.
 */
export type BatchAhead = InFlightBatch & {
  /** The in-flight batch on whose answer it follows. */
  after: SyncId
  /** Its text up to the records: theirs is in the outbox, as long as they are of these versions (`updatedAt`). */
  head: string
  versions: (string | null)[]
  /** `unsettledBefore` without it, and what it is for as long as it is stored. */
  settled: { before: number; meanwhile: number }
}

/** How many resolved conflicts a report named, counted from the first, and whether it reported drift. */
export type Reported = { resolved: number; drift: boolean }

/** A full pull that is under way: pages from the beginning, then what no page confirmed is looked through. */
export type FullPull = {
  reason: 'cursor' | 'drift'
  step: 'pages' | 'sweep'
  /** Last record key that the sweep has seen. */
  swept: string
  /** The server's hash on the last page. */
  serverHash: StateHash | null
}

/** What the server takes at most in one batch, as far as it has said. */
export type KnownLimits = { records: number; bytes: number }

type ResolvedConflict = NonNullable<DeviceReport['resolved']>[number] & { conflictId: ConflictId }
type DriftReport = NonNullable<DeviceReport['drift']>

/** The last healing of a drift, so that one that does not heal is not tried for ever. */
type DriftRecovery = { at: number; failures: number; difference: string }

/**
 * A record of which two versions are possible after an accepted correction: the server took the write over, or knew the
 * correction from its history and kept what it had (OBS-11). The record's `server` is the likelier one.
 */
export type OpenOutcome = {
  type: 'observation' | 'recommendation'
  id: string
  otherwise: ServerVersion<'observation' | 'recommendation'>
}

/** A version that the server may hold, with what it adds to the state hash. */
export type ServerVersion<T extends keyof EntityDocuments> = {
  server: EntityDocuments[T]
  digest: string | null
  unknown?: LocalRecord['unknown']
}

/**
 * Sizes that are being tried, since larger calls did not get through (ENG-14, ENG-49). Values of earlier versions have
 * `records` alone.
 */
export type Trial = {
  /** Most records of a batch. */
  records: number
  /** Most bytes of the records of a batch. */
  bytes?: number
  /** Most records of an answer. */
  page?: number
  /** Calls of this size that got through. */
  streak?: number
  /** How many must get through before a larger one is tried; 1 where it is missing. */
  needed?: number
}

/** A search for what keeps a batch from being answered (ENG-26, ENG-48). */
export type Isolation = {
  /** Sync runs in a row that ended without an answer to a call. */
  failures: number
  /** Places of the entries that failed alone; they are held back while others are sent. None where it is missing. */
  suspects?: string[]
  /** So many of the suspects, counted from the first, were held back while another batch got through. */
  followed?: number
  /** By place, how often in a row a suspect was sent alone again and failed. */
  rounds?: Readonly<Record<string, number>>
  /** Such rounds before a suspect is quarantined. */
  neededRounds?: number
  /** Failures before the next search. */
  patience?: number
}

/** An address to which compressed bodies do not get through, and when that was found (HDR-6). */
type Uncompressed = { address: string; since: number }

/** Every single value that the engine keeps, by name. */
type EngineMeta = {
  contact: Contact
  /** To be read by {@link queueNumbers}. */
  queue: Partial<QueueNumbers>
  position: Position
  snapshot: InFlightBatch
  /** The exact text of the in-flight batch. */
  snapshotBody: string
  ahead: BatchAhead
  fullPull: FullPull
  limits: KnownLimits
  trial: Trial
  isolation: Isolation
  /** Decided at the head of the log; there only while pages follow. */
  openOutcomes: OpenOutcome[]
  uncompressed: Uncompressed
  resolved: ResolvedConflict[]
  drift: DriftReport
  healing: DriftRecovery
  wipe: Wipe
  /** The signed note of the newest checkpoint of the audit that the server has given (ENG-85). */
  checkpoint: string
}
type EngineMetaKey = keyof EngineMeta

/** Reads some of the kept values, undefined where there is none. */
export async function readMeta<const N extends readonly EngineMetaKey[]>(
  transaction: ReadTransaction,
  names: N,
): Promise<{ -readonly [I in keyof N]: EngineMeta[N[I]] | undefined }> {
  const values = await transaction.getMany('values', names)
  // Written by writeMeta alone, each name with its own type.
  return values as { -readonly [I in keyof N]: EngineMeta[N[I]] | undefined }
}

/** Writes one kept value; undefined removes it. */
export async function writeMeta<N extends EngineMetaKey>(
  transaction: WriteTransaction,
  name: N,
  value: EngineMeta[N] | undefined,
): Promise<void> {
  if (value === undefined) await transaction.delete('values', [name])
  else await transaction.put('values', name, value)
}

export type Resolution = ConflictResolution | 'discard'

/** What the server filed in its work queue is reported with the next call (CNF-10). */
export async function rememberResolved(
  transaction: WriteTransaction,
  conflictId: ConflictId,
  resolution: Resolution,
): Promise<void> {
  const [resolved] = await readMeta(transaction, ['resolved'])
  await writeMeta(transaction, 'resolved', [...(resolved ?? []), { conflictId, resolution }])
}

/** Forgets what was to be reported: the server does not take it, and records must not wait for that. */
export async function clearReport(transaction: WriteTransaction): Promise<void> {
  await writeMeta(transaction, 'resolved', undefined)
  await writeMeta(transaction, 'drift', undefined)
}
