import type { Observation } from '@fieldsync/contracts'

import type { OutboxEntry, WritableType } from '../core/local-record.ts'

/** When tests of single parts of the engine begin. */
export const START = Date.parse('2026-02-11T18:00:00Z')

/** So many minutes after {@link START}, as records have it. */
export const minutes = (count: number): string => new Date(START + count * 60_000).toISOString()

export function nameOf(document: OutboxEntry['document']): { type: WritableType; id: string } {
  if ('patchId' in document) return { type: 'playbookPatch', id: document.patchId }
  if ('recommendationId' in document) return { type: 'recommendation', id: document.recommendationId }
  return { type: 'observation', id: document.observationId }
}

/** A correction of an observation, whose words and checksum are named after it. */
export const corrected = (before: Observation, id: string, more: Partial<Observation> = {}): Observation => ({
  ...before,
  status: 'confirmed',
  rawNoteText: id,
  deterministicChecksum: `sha256:${id}`,
  updatedAt: minutes(5),
  correction: {
    correctionId: `cor_${id}`,
    reason: 'r',
    correctedAt: minutes(5),
    supersedes: before.deterministicChecksum,
  } as NonNullable<Observation['correction']>,
  ...more,
})
