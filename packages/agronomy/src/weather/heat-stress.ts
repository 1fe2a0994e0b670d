/** Score by temperature, linear in between and flat beyond. */
const POINTS: readonly (readonly [celsius: number, score: number])[] = [
  [30, 0],
  [35, 0.5],
  [40, 1],
]

/**
 * Heat stress of vines by the hottest temperature of the last day, °C (AGR-21): 0 up to 30, 0.5 at 35, 1 from 40 on. It never
 * falls with the temperature. Not rounded.
 */
export function heatStressScore(celsius: number): number {
  let [lower, score] = [-Infinity, 0]
  for (const [upper, next] of POINTS) {
    if (celsius <= upper) {
      return Number.isFinite(lower) ? score + ((celsius - lower) / (upper - lower)) * (next - score) : score
    }
    lower = upper
    score = next
  }
  return score
}
