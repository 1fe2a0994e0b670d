import { seededRuns } from './arbitraries/seeded-runs.ts'

/**
 * Seeds of the rounds of a long test, one after the other from the run's own (`FIELDSYNC_SEED`): `quick` of them, or
 * as many as `SOAK_ROUNDS` says. A round whose title carries its seed is repeated alone by that seed.
 */
export function roundSeeds(quick: number): number[] {
  const wanted = Number(process.env['SOAK_ROUNDS'] ?? quick)
  if (!Number.isInteger(wanted) || wanted < 1)
    throw new Error('SOAK_ROUNDS must be a whole number of at least 1')
  const { seed } = seededRuns()
  return Array.from({ length: wanted }, (_, round) => seed + round)
}
