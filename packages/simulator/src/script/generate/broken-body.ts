import { altered, type SeededRandom, type SyncBatchInput, without } from '@fieldsync/testkit'

import { anyOf } from './weighted.ts'

const FRAME: readonly (readonly [pointer: string, value: unknown])[] = [
  ['/surprise', 1],
  ['/maxDownstream', 0],
  ['/maxDownstream', '5'],
  ['/requestedAt', '2026-02-30T08:00:00Z'],
  ['/syncId', ''],
  ['/device/platform', 'symbian'],
  ['/upserts/observations', {}],
  ['/lastKnownServerCursor', null],
  ['/report', { pending: -1, conflicts: 0, quarantined: 0 }],
]

const OBSERVATION: readonly (readonly [pointer: string, value: unknown])[] = [
  ['/status', 'sent'],
  ['/rawNoteText', ''],
  ['/location/lat', 91],
  ['/extraction/symptoms', []],
  ['/deterministicChecksum', 'md5:0'],
  ['/observationId', 'obs_1'],
  ['/createdAt', '2026-02-11 16:00'],
  ['/transcription/speaker', 'me'],
]

const DROPPED = ['/deviceId', '/schemaVersion', '/normalization/leafWetness']

/** A batch of which something breaks the contract: in its frame, or in some of its observations. */
export function brokenBody(
  rng: SeededRandom,
  batch: Omit<SyncBatchInput, 'lastKnownServerCursor'>,
): Record<string, unknown> {
  const { observations } = batch.upserts
  const inFrame = observations.length === 0 || rng.int(1, 3) === 1
  const [pointer, value] = anyOf(rng, FRAME) ?? ['/surprise', 1]
  const framed = inFrame ? altered(batch, pointer, value) : batch
  const broken =
    observations.length > 0 && !inFrame
      ? altered(
          framed,
          '/upserts/observations',
          observations.map((each, i) => (i % 2 === 0 ? brokenRecord(rng, each) : each)),
        )
      : framed
  return broken as Record<string, unknown>
}

function brokenRecord(rng: SeededRandom, record: unknown): unknown {
  const dropped = anyOf(rng, DROPPED)
  if (dropped !== undefined && rng.int(1, 3) === 1) return without(record, dropped)
  const [pointer, value] = anyOf(rng, OBSERVATION) ?? ['/status', 'sent']
  return altered(record, pointer, value)
}
