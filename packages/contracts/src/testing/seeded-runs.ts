const DEFAULT_SEED = 20_260_211

/**
 * Settings for `fc.assert`: the same runs every time, other ones with `FIELDSYNC_SEED` in the environment, and in the
 * long tests `SOAK_ROUNDS` times as many. A failure prints the seed and the path to its counterexample.
 */
export function seededRuns(quick = 100): { readonly seed: number; readonly numRuns: number } {
  const wanted = Number(process.env['FIELDSYNC_SEED'] ?? DEFAULT_SEED)
  if (!Number.isInteger(wanted)) throw new Error('FIELDSYNC_SEED must be a whole number')
  return { seed: wanted, numRuns: quick * soakRounds(1) }
}

/**
 * Seeds of the rounds of a long test, one after the other from the run's own (`FIELDSYNC_SEED`): `quick` of them, or
 * as many as `SOAK_ROUNDS` says. A round whose title carries its seed is repeated alone by that seed.
 */
export function roundSeeds(quick: number): number[] {
  const { seed } = seededRuns()
  return Array.from({ length: soakRounds(quick) }, (_, round) => seed + round)
}

function soakRounds(otherwise: number): number {
  const rounds = Number(process.env['SOAK_ROUNDS'] ?? otherwise)
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error('SOAK_ROUNDS must be a whole number of at least 1')
  return rounds
}
