// Vines begin to suffer above the first, and what they suffer above the second does not heal.
const NO_STRESS_C = 30
const FULL_STRESS_C = 40

/**
 * Heat stress of vines by the hottest temperature of the last day, °C (AGR-21): 0 up to 30, 0.5 at 35, 1 from 40 on, in a
 * straight line between. It never falls with the temperature. Not rounded.
 */
export const heatStressScore = (celsius: number): number =>
  Math.min(1, Math.max(0, (celsius - NO_STRESS_C) / (FULL_STRESS_C - NO_STRESS_C)))
