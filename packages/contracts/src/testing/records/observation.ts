import { createHash, hash } from 'node:crypto'

import canonicalize from 'canonicalize'
import type { z } from 'zod'

import type { Observation } from '../../index.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { mintId, momentOf, sharedRandom } from './ids.ts'
import { overridden, type Overrides } from './overrides.ts'
import { sighting } from './vineyard.ts'

export type ObservationInput = z.input<typeof Observation>

/**
 * A typed draft as a phone sends it, about 1 KB of JSON. Id and times follow `createdAt`, and the checksum is
 * computed from the content unless it is overridden.
 */
export function observation(
  overrides: Overrides<ObservationInput> = {},
  rng: SeededRandom = sharedRandom,
): ObservationInput {
  const createdAt = overrides.createdAt ?? momentOf(rng)
  const seen = sighting(rng)
  const record = overridden<ObservationInput>(
    {
      observationId: mintId('obs', rng, createdAt),
      deviceId: 'dev_scout_1',
      createdAt,
      captureMode: 'typed',
      rawNoteText: seen.note,
      transcription: { text: seen.note, source: 'manual_typed', confidence: 1 },
      extraction: {
        crop: 'grape',
        variety: seen.variety,
        fieldBlock: seen.fieldBlock,
        issue: seen.issue,
        severity: seen.severity,
        symptoms: seen.symptoms,
        observationTime: createdAt,
      },
      normalization: { temperatureC: seen.temperatureC, leafWetness: 'dry', windEstimateKph: seen.windKph },
      location: seen.location,
      status: 'draft',
      schemaVersion: '1.0.0',
      deterministicChecksum: '',
      updatedAt: createdAt,
    },
    overrides,
  )
  return { ...record, deterministicChecksum: overrides.deterministicChecksum ?? checksumOf(record) }
}

/**
 * The checksum our own clients send: SHA-256 over the canonical JSON (RFC 8785) of the content, which is every
 * field but the checksum itself, `status`, `updatedAt` and `correction`.
 */
export function checksumOf(record: ObservationInput): string {
  const {
    deterministicChecksum: _own,
    status: _status,
    updatedAt: _time,
    correction: _reason,
    ...content
  } = record
  return `sha256:${createHash('sha256')
    .update(canonicalize(content) ?? '')
    .digest('hex')}`
}

/** SHA-256 of a text in lower-case hex, as the domain's functions take it. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex')
