import { type SeededRandom, seededRandom } from '../../seeded-random.ts'
import { faultPlan } from '../link/fault-plan.ts'
import { once, weighted } from '../script/generate/weighted.ts'
import { worldFault } from '../world/world-fault.ts'
import { type FieldScript, type FieldStep, RESOLUTIONS } from './field-script.ts'

const NAMES = ['dev_anna', 'dev_ben', 'dev_cleo', 'dev_dan'] as const

/** Weighted towards conflicts: few records, and most of what is done is done to one that another device may change too. */
const STEPS = {
  note: 5,
  edit: 9,
  confirm: 6,
  correct: 6,
  advise: 4,
  decide: 5,
  patch: 6,
  resolve: 9,
  sync: 7,
  network: 9,
  calls: 6,
  pass: 12,
  fault: 6,
  backup: 3,
  restore: 3,
}

export const LINK_TIMEOUT = 10_000

const PASSES = [50, 200, 1_000, 3_000, 20_000, 6 * 60_000, 60 * 60_000] as const

/** The script of a seed. @param length number of its steps */
export function generateFieldScript(seed: number, length: number): FieldScript {
  const rng = seededRandom(seed)
  const devices = NAMES.slice(0, rng.int(2, NAMES.length))
  return {
    seed,
    devices,
    pageRecords: rng.int(1, 8),
    batchRecords: rng.int(1, 8),
    steps: Array.from({ length }, () => fieldStep(rng, devices)),
  }
}

function fieldStep(rng: SeededRandom, [first = NAMES[0], ...others]: readonly string[]): FieldStep {
  const device = rng.pick([first, ...others])
  const pick = rng.int(0, 9_999)
  const value = rng.int(1, 999_999)
  const kind = weighted(rng, STEPS)
  switch (kind) {
    case 'note':
      return {
        do: kind,
        device,
        value,
        ...(once(rng, 2) && { oldId: rng.int(1, 3) }),
        ...(once(rng, 12) && { poison: rng.pick(['refused', 'fails']) }),
      }
    case 'resolve':
      return { do: kind, device, pick, value, way: rng.pick(RESOLUTIONS) }
    case 'sync':
      return { do: kind, device }
    case 'network':
      return { do: kind, device, online: once(rng, 2) }
    case 'calls': {
      const plan = faultPlan(rng, { calls: rng.int(1, 4), share: 1, timeout: LINK_TIMEOUT })
      return { do: kind, device, faults: plan.filter((fault) => fault !== null) }
    }
    case 'pass':
      return { do: kind, milliseconds: rng.pick(PASSES) }
    case 'backup':
    case 'restore':
      return { do: kind }
    case 'fault':
      return worldFault(rng, [first, ...others])
    default:
      return { do: kind, device, pick, value }
  }
}
