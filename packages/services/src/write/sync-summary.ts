import type { AcceptedCounts, ConflictCode, SyncRecord } from '@fieldsync/contracts'

type ConflictsByCode = Partial<Record<ConflictCode, number>>

/** What is kept beside the stored answer of a write. */
export type StoredCounts = {
  accepted: AcceptedCounts
  conflicts: number
  /** Records that came; absent where an earlier version stored it, as `codes` is. */
  sent?: AcceptedCounts
  /** How many conflicts of each code. */
  codes?: ConflictsByCode
  /** Records that the server itself has written in consequence: the last positions of the write; absent for none. */
  byServer?: number
}

export type SyncRow = {
  deviceId: SyncRecord['deviceId']
  syncId: SyncRecord['syncId']
  receivedAt: Date
  counts: StoredCounts
  answerBytes: number
}

/** A stored batch as operators see it in a list. */
export function syncSummary({ deviceId, syncId, receivedAt, counts, answerBytes }: SyncRow): SyncRecord {
  return {
    deviceId,
    syncId,
    receivedAt: receivedAt.toISOString(),
    sent: counts.sent ?? null,
    accepted: counts.accepted,
    conflicts: counts.conflicts,
    // Object.entries forgets the keys' type.
    codes: Object.entries(counts.codes ?? {}).map(([code, count]) => ({ code: code as ConflictCode, count })),
    answerBytes,
  }
}

/** The conflicts of a batch by code. */
export function countByCode(conflicts: readonly { code: ConflictCode }[]): ConflictsByCode {
  const codes: ConflictsByCode = {}
  for (const { code } of conflicts) codes[code] = (codes[code] ?? 0) + 1
  return codes
}
