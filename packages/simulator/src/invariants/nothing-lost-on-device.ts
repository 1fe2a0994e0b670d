import { canonicalText } from '@fieldsync/domain'

import type { DeviceCopy, WrittenDocument } from '../state/device-copy.ts'

/** What became of the writes of a device so far, kept by who watches it. */
export type WriteJournal = {
  /** Every write that the device said it had kept, in order. */
  readonly written: readonly WrittenDocument[]
  /** Those whose acceptance by the server the device has taken over. */
  readonly accepted: readonly WrittenDocument[]
  /** Those that a person gave up, or put another in place of. */
  readonly givenUp: readonly WrittenDocument[]
}

/**
 * G9: every write of a device is pending or in flight (both are in its queue), accepted, or waits for a person with its
 * value, unless a later write of the same record took its place or a person gave it up.
 */
export function nothingLostOnDevice(
  { written, accepted, givenUp }: WriteJournal,
  { device, queued, losing }: DeviceCopy,
): string[] {
  const stored = new Set(
    [...queued, ...losing, ...accepted, ...givenUp].map((document) => canonicalText(document)),
  )
  const latest = new Map(written.map((document) => [idOf(document), document]))
  return [...latest]
    .filter(([, document]) => !stored.has(canonicalText(document)))
    .map(([id]) => `${device} lost its last write of ${id}`)
}

function idOf(document: WrittenDocument): string {
  if ('patchId' in document) return document.patchId
  return 'recommendationId' in document ? document.recommendationId : document.observationId
}
