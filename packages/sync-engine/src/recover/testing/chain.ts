import { Observation } from '@fieldsync/contracts'
import { observation, seededRandom } from '@fieldsync/testkit'

import { minutes } from '../../testing/documents.ts'

export const draft = Observation.parse(
  observation({ deviceId: 'dev_scout_1', createdAt: minutes(0) }, seededRandom(41)),
)
export const confirmed: Observation = { ...draft, status: 'confirmed' }

type Correction = NonNullable<Observation['correction']>
/** A correction of what has the checksum `supersedes`; without a time of its own where that is null. */
export const correction = (id: string, supersedes = 'sha256:0', time: number | null = 5): Observation => {
  const { updatedAt: _time, ...others } = confirmed
  return {
    ...others,
    rawNoteText: id,
    deterministicChecksum: `sha256:${id}`,
    ...(time !== null && { updatedAt: minutes(time) }),
    correction: { correctionId: id, reason: 'r', correctedAt: minutes(time ?? 5), supersedes } as Correction,
  }
}

/** Ids of so many corrections. */
export const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `cor_${i + 1}`)
