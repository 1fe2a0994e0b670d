import { seededRandom, type SeededRandom } from '@fieldsync/testkit'

import { faultPlan } from '../link/fault-plan.ts'
import { once, weighted } from '../script/generate/weighted.ts'
import { clockSkew, worldFault } from '../world/world-fault.ts'
import type { DeviceScript, DeviceStep, Poison, ResolutionWay } from './device-script.ts'

const NAMES = ['dev_anna', 'dev_ben', 'dev_cleo', 'dev_dan'] as const
const NEIGHBORS = ['dev_yara', 'dev_zoe'] as const
const ROLES = { agronomist: 3, scout: 4, viewer: 1, admin: 1 }

/** How often what is done. */
type Mix = {
  readonly steps: Readonly<Record<StepKind, number>>
  readonly ways: Readonly<Record<ResolutionWay, number>>
  /** Corrections have one of so many texts: of few of them, earlier checksums come back (OBS-15). */
  readonly corrections: number
  /** Which notes are not taken alone. */
  readonly poisons: readonly [Poison, ...Poison[]]
  /** Whether something between device and server answers, too. */
  readonly between: boolean
  /** Whether half of the edits are saved without the version that they were made of. */
  readonly direct: boolean
}
type StepKind = Exclude<DeviceStep['do'], 'crash' | 'expire' | 'restart' | 'limit' | 'contract'> | 'fault'

/** Weighted towards conflicts: few records, and most of what is done is done to one that another device may change too. */
const CONFLICTS: Mix = {
  steps: {
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
    empty: 0,
    resend: 0,
    skew: 0,
    outage: 0,
    speed: 0,
    tab: 0,
    form: 0,
    submit: 0,
    move: 0,
    delete: 0,
    bind: 0,
  },
  direct: false,
  ways: { acceptServer: 1, correct: 1, rename: 1, rebase: 1, resubmit: 1, fix: 1, discard: 1 },
  corrections: 999_999,
  poisons: ['refused', 'fails'],
  between: false,
}

/** Weighted towards what a server loses again and again, under clocks that are wrong, and towards corrections. */
const RESTORES: Mix = {
  ...CONFLICTS,
  steps: {
    ...CONFLICTS.steps,
    correct: 9,
    advise: 6,
    resolve: 15,
    network: 3,
    calls: 3,
    fault: 3,
    restore: 7,
    skew: 4,
  },
  ways: { acceptServer: 2, correct: 6, rename: 1, rebase: 2, resubmit: 3, fix: 1, discard: 1 },
  corrections: 3,
}

/** Weighted towards what lies between device and server: slow links, what answers in its own words, and failing servers. */
const LINKS: Mix = {
  ...CONFLICTS,
  steps: { ...CONFLICTS.steps, note: 14, calls: 8, fault: 3, backup: 1, restore: 1, outage: 3, speed: 3 },
  poisons: ['refused', 'fails', 'blocked'],
  between: true,
}

/**
 * Weighted towards what is saved as it is, without a form: few notes that many change, deletions by the server, and keys
 * that are found to be bound to something else.
 */
const DIRECT: Mix = {
  ...CONFLICTS,
  steps: {
    ...CONFLICTS.steps,
    sync: 10,
    network: 3,
    fault: 8,
    pass: 8,
    form: 3,
    submit: 3,
    delete: 5,
    bind: 1,
  },
  direct: true,
}

/** All of these. */
const EVERYTHING: Mix = {
  ...RESTORES,
  steps: {
    ...RESTORES.steps,
    note: 8,
    network: 6,
    calls: 6,
    pass: 16,
    restore: 2,
    outage: 2,
    speed: 2,
    empty: 0.3,
    resend: 4,
    tab: 2,
    form: 4,
    submit: 4,
    move: 1,
  },
  poisons: LINKS.poisons,
  between: true,
}
const TABS = 3

export const LINK_TIMEOUT = 10_000

const OUTAGES = [20_000, 3 * 60_000, 20 * 60_000, 60 * 60_000] as const
/** From the slowest that must do (GUA-10), bytes in a second. */
const SPEEDS = [1_024, 1_500, 4_000, 50_000] as const
const PASSES = [50, 200, 1_000, 3_000, 20_000, 6 * 60_000, 60 * 60_000] as const

/** The script of a seed: agronomists on one farm, each with one program. @param length number of its steps */
export function generateDeviceScript(seed: number, length: number): DeviceScript {
  const rng = seededRandom(seed)
  const devices = NAMES.slice(0, rng.int(2, NAMES.length))
  return { seed, devices, ...sizes(rng), steps: deviceSteps(rng, devices, length, CONFLICTS) }
}

/**
 * The same in a wider world: roles among the devices, and in some seeds a second farm on the server, further tabs on a
 * device's store, and pokes. Two of three seeds are about restores.
 */
export function generateWideScript(seed: number, length: number): DeviceScript {
  const rng = seededRandom(Math.imul(seed, 41))
  const own = NAMES.slice(0, rng.int(2, NAMES.length))
  const neighbors = once(rng, 3) ? NEIGHBORS.slice(0, rng.int(1, NEIGHBORS.length)) : []
  const devices = [...own, ...neighbors]
  const mix = once(rng, 3) ? CONFLICTS : RESTORES
  const steps = { ...mix.steps, tab: once(rng, 2) ? TABS : 0 }
  return {
    seed,
    devices,
    // The first device may always correct and patch.
    roles: Object.fromEntries(own.slice(1).map((device) => [device, weighted(rng, ROLES)])),
    neighbors,
    pokes: once(rng, 2),
    ...sizes(rng),
    steps: deviceSteps(rng, devices, length, { ...mix, steps }),
  }
}

/** The script of a seed about links: {@link generateDeviceScript} with all that lies between device and server. */
export function generateLinkScript(seed: number, length: number): DeviceScript {
  const rng = seededRandom(Math.imul(seed, 53))
  const devices = NAMES.slice(0, rng.int(2, NAMES.length))
  return { seed, devices, ...sizes(rng), steps: deviceSteps(rng, devices, length, LINKS) }
}

/** The script of a seed about edits without a form, deletions and bound keys; every store is checked at each step. */
export function generateDirectScript(seed: number, length: number): DeviceScript {
  const rng = seededRandom(Math.imul(seed, 61))
  const devices = NAMES.slice(0, 3)
  // What is sent again does not wait for an observation that was deleted beyond that.
  const resendsFor = rng.pick([10, 45, 600]) * 60_000
  const world = { devices, resendsFor, checksStores: true, ...sizes(rng) }
  return { seed, ...world, steps: deviceSteps(rng, devices, length, DIRECT) }
}

/** A step of the widest world, where everything may go wrong. */
export const anyStep = (rng: SeededRandom, devices: readonly string[]): DeviceStep =>
  deviceStep(rng, devices, EVERYTHING)

/** The devices of a world, what they may do beside the first, and the sizes of their calls. */
export function widestWorld(rng: SeededRandom) {
  const devices = NAMES.slice(0, rng.int(3, NAMES.length))
  const roles = Object.fromEntries(devices.slice(1).map((device) => [device, weighted(rng, ROLES)]))
  return { devices, roles, pokes: once(rng, 2), moves: true, ...sizes(rng) }
}

const directly = (rng: SeededRandom, direct: boolean) =>
  direct && once(rng, 2) ? { direct: true as const } : {}

const sizes = (rng: SeededRandom) => ({ pageRecords: rng.int(1, 8), batchRecords: rng.int(1, 8) })

const deviceSteps = (rng: SeededRandom, devices: readonly string[], length: number, mix: Mix): DeviceStep[] =>
  Array.from({ length }, () => deviceStep(rng, devices, mix))

function deviceStep(
  rng: SeededRandom,
  [first = NAMES[0], ...others]: readonly string[],
  { steps, ways, corrections, poisons, between, direct }: Mix,
): DeviceStep {
  const device = rng.pick([first, ...others])
  const pick = rng.int(0, 9_999)
  const value = rng.int(1, 999_999)
  const kind = weighted(rng, steps)
  switch (kind) {
    case 'note':
      return {
        do: kind,
        device,
        value,
        ...(once(rng, 2) && { oldId: rng.int(1, 3) }),
        ...(once(rng, 12) && { poison: rng.pick(poisons) }),
      }
    case 'resolve':
      return {
        do: kind,
        device,
        pick,
        value,
        way: weighted(rng, ways),
      }
    case 'correct':
      return { do: kind, device, pick, value: 1 + (value % corrections), ...directly(rng, direct) }
    case 'outage':
      return { do: kind, milliseconds: rng.pick(OUTAGES) }
    case 'speed':
      return { do: kind, device, bytesPerSecond: rng.pick(SPEEDS) }
    case 'skew':
      return clockSkew(rng, device)
    case 'sync':
    case 'resend':
    case 'tab':
      return { do: kind, device }
    case 'form':
      return { do: kind, device, pick }
    case 'submit':
      return { do: kind, device, value }
    case 'move':
      return { do: kind, device, away: once(rng, 2) }
    case 'network':
      return { do: kind, device, online: once(rng, 2) }
    case 'calls': {
      const plan = faultPlan(rng, { calls: rng.int(1, 4), share: 1, timeout: LINK_TIMEOUT, between })
      return { do: kind, device, faults: plan.filter((fault) => fault !== null) }
    }
    case 'pass':
      return { do: kind, milliseconds: rng.pick(PASSES) }
    case 'delete':
      return { do: kind, pick }
    case 'bind':
    case 'backup':
    case 'restore':
    case 'empty':
      return { do: kind }
    case 'fault':
      return worldFault(rng, [first, ...others])
    default:
      return { do: kind, device, pick, value, ...directly(rng, direct) }
  }
}
