import type { EntityDocuments, WritableType } from './local-record.ts'

/** One local write, exactly as it will be sent. */
export type OutboxEntry<T extends WritableType = WritableType> = {
  type: T
  id: string
  document: EntityDocuments[T]
  /** Milliseconds on the device's clock; shown to people, never used for order. */
  writtenAt: number
  /** The place of the write that this one goes on from, where it was resolved and queued again: for order among patches. */
  since?: string
}
