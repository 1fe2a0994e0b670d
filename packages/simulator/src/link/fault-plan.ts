import type { SeededRandom } from '@fieldsync/testkit'

import { weighted } from '../script/generate/weighted.ts'
import type { InterceptedStatus, LinkFault, RefusedByLink } from './link-fault.ts'

/** What goes wrong with the first, second, … call over a link; null where nothing does, nothing after its end. */
export type FaultPlan = readonly (LinkFault | null)[]

/** What goes wrong on the way alone. */
const FAULTS = { lost_request: 3, lost_answer: 4, delayed: 3, duplicated: 3, truncated: 2, burst: 1 }

/** With what stands between device and server as well. */
const FAULTS_BETWEEN = { ...FAULTS, intercepted: 3, redirected: 1 }

const INTERCEPTED: readonly [InterceptedStatus, ...InterceptedStatus[]] = [200, 403, 415, 511]
const LONGEST_ROW = 40

/** Refusals come in rows, as from a server that is overloaded or a credential that has run out. */
const REFUSED: readonly [RefusedByLink, ...RefusedByLink[]] = [
  { kind: 'refused', code: 'RATE_LIMITED', retryAfterSeconds: 20 },
  { kind: 'refused', code: 'UNAVAILABLE', retryAfterSeconds: 2 },
  { kind: 'refused', code: 'UNAVAILABLE', retryAfterSeconds: 600 },
  { kind: 'refused', code: 'INTERNAL_ERROR' },
  { kind: 'refused', code: 'AUTH_REQUIRED' },
]

/**
 * A plan for so many calls of which about `share` have a fault.
 *
 * @param timeout of the link: delays lie on both sides of it
 * @param between whether something between device and server answers, too
 */
export function faultPlan(
  rng: SeededRandom,
  {
    calls,
    share,
    timeout,
    between = false,
  }: { calls: number; share: number; timeout: number; between?: boolean },
): FaultPlan {
  const plan: (LinkFault | null)[] = []
  while (plan.length < calls) {
    if (rng.fraction() >= share) plan.push(null)
    else plan.push(...faults(rng, timeout, between))
  }
  return plan.slice(0, calls)
}

function faults(rng: SeededRandom, timeout: number, between: boolean): LinkFault[] {
  const kind = weighted(rng, between ? FAULTS_BETWEEN : { ...FAULTS, intercepted: 0, redirected: 0 })
  switch (kind) {
    case 'lost_request':
    case 'lost_answer':
      return [{ kind }]
    case 'delayed':
      return [{ kind, request: rng.int(0, 2 * timeout), answer: rng.int(0, timeout) }]
    case 'duplicated':
      return [{ kind, later: rng.int(0, 3 * timeout) }]
    case 'truncated':
      return [{ kind, share: rng.fraction() }]
    case 'intercepted': {
      const status = rng.pick(INTERCEPTED)
      return Array.from({ length: rng.int(1, LONGEST_ROW) }, () => ({ kind, status }))
    }
    case 'redirected':
      return Array.from({ length: rng.int(1, 3) }, () => ({ kind }))
    case 'burst': {
      const refused = rng.pick(REFUSED)
      return Array.from({ length: rng.int(1, 5) }, () => refused)
    }
  }
}

/** Gives the faults of a plan to call after call, until its end or until the link is healed. */
export class PlannedFaults {
  readonly #plan: FaultPlan
  #calls = 0
  #healed = false

  constructor(plan: FaultPlan) {
    this.#plan = plan
  }

  next(): LinkFault | undefined {
    const fault = this.#plan[this.#calls++]
    return this.#healed ? undefined : (fault ?? undefined)
  }

  heal(): void {
    this.#healed = true
  }
}
