import type { EntityDocuments, WritableType } from './local-record.ts'

/** One local write, exactly as it will be sent. */
export type OutboxEntry<T extends WritableType = WritableType> = {
  type: T
  id: string
  document: EntityDocuments[T]
  /** Milliseconds on the device's clock; shown to people, never used for order. */
  writtenAt: number
  /** Where the write was made that this one goes on from, after it was resolved and queued again. */
  since?: string
  /** What the server had acknowledged and lost (CUR-6): it goes out also while the record waits for a person. */
  offer?: true
  /** It is not meant to apply: the server's answer says whether it still has it (ENG-62). */
  asks?: true
}

/** A write in its place of the outbox. */
export type QueuedEntry = { key: string; entry: OutboxEntry }

/** A write that was sent: what of its document went out, and exactly what was sent, with keys unknown here. */
export type SentEntry = QueuedEntry & {
  known: OutboxEntry['document']
  sent: OutboxEntry['document']
}

/** Where a write was made: its order among the writes of its record or playbook, also after it was resolved. */
export const positionOf = ({ key, entry }: QueuedEntry): string => entry.since ?? key
