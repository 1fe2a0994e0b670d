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
