import {
  altered,
  mintId,
  observation,
  playbookPatch,
  recommendation,
  seededRandom,
  syncBatch,
} from '@fieldsync/testkit'

// The records of the corpus: generated in one order from one seed, so that both transports see the same ids.
export const rng = seededRandom(7)
export const fresh = observation({}, rng)
export const confirmed = observation({ status: 'confirmed' }, rng)
export const single = observation({ status: 'confirmed' }, rng)
export const corrected = observation(
  {
    ...confirmed,
    rawNoteText: 'Block 9, not 7.',
    deterministicChecksum: 'sha256:0123456789abcdef',
    correction: {
      correctionId: 'cor_1',
      reason: 'Wrong block.',
      correctedAt: '2026-02-11T20:00:00Z',
      supersedes: confirmed.deterministicChecksum,
    },
  },
  rng,
)
export const advice = recommendation({ observationId: fresh.observationId }, rng)
export const push = syncBatch({ observations: [fresh, confirmed], recommendations: [advice] }, rng)
export const patch = playbookPatch({ requestedByDeviceId: 'dev_agronomist' }, rng)
export const patched = (overrides: object) =>
  playbookPatch({ requestedByDeviceId: 'dev_agronomist', baseVersion: 4, ...overrides }, rng)
export const wind = (value: unknown) => [
  { op: 'replace', path: '/rules/rule_pm_moderate/constraints/maxWindKph', value } as const,
]
export const unknownId = mintId('obs', rng, '2026-02-11T16:00:00Z')
export const agronomistPull = altered(syncBatch({}, rng), '/device/deviceId', 'dev_agronomist') as Record<
  string,
  unknown
>
