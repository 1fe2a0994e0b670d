const DEFAULT_SEED = 20_260_211

/**
 * Seeds of the runs of a simulator, one after the other: from `SIM_SEED`, and `SIM_RUNS` of them. With `SIM_SEED` alone
 * it is that one run; without either `quick` runs, or in the long tests `round` times `SOAK_ROUNDS`.
 */
export function simulatorSeeds(quick: number, round = quick): number[] {
  const seed = wholeNumber('SIM_SEED') ?? DEFAULT_SEED
  const alone = process.env['SIM_SEED'] === undefined ? undefined : 1
  const rounds = wholeNumber('SOAK_ROUNDS')
  const runs = wholeNumber('SIM_RUNS') ?? alone ?? (rounds === undefined ? quick : round * rounds)
  if (runs < 1) throw new Error('SIM_RUNS must be at least 1')
  return Array.from({ length: runs }, (_, run) => seed + run)
}

function wholeNumber(name: string): number | undefined {
  const value = process.env[name]
  if (value === undefined) return undefined
  if (!/^-?\d+$/.test(value)) throw new Error(`${name} must be a whole number`)
  return Number(value)
}
