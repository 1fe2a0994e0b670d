const DEFAULT_SEED = 20_260_211

/**
 * Settings for `fc.assert`: the same runs every time, other ones with `FIELDSYNC_SEED` in the environment. A
 * failure prints the seed and the path to its counterexample.
 */
export function seededRuns(numRuns = 100): { readonly seed: number; readonly numRuns: number } {
  const wanted = Number(process.env['FIELDSYNC_SEED'] ?? DEFAULT_SEED)
  if (!Number.isInteger(wanted)) throw new Error('FIELDSYNC_SEED must be a whole number')
  return { seed: wanted, numRuns }
}

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
