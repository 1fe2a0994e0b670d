import type { EngineState, EngineStatus, ProblemDetail } from '../core/engine-status.ts'
import type { SyncOutcome } from './sync-run.ts'

/**
 * What the engine is doing, with the data that belongs to it. Instants are milliseconds since 1970.
 *
 * ```
 *    ┌────────── done, lock_held ───────────┐
 *    ▼                                      │
 *   idle ────────── any trigger ────────▶ syncing
 *                                         ▲ │ │ │
 *   auth_required ── credential, timer ───┤ │ │ └─ auth_required ─▶ auth_required
 *   error ────────── timer ───────────────┤ │ └─── failed ────────▶ error
 *   sync_deferred ── retry due ───────────┤ └───── deferred ──────▶ sync_deferred
 *   offline ──────── online, timer, poke ─┘
 * ```
 *
 * A person's request starts a run from every state. `went_offline` leads to `offline`, save from `auth_required`;
 * `stop` leads to `idle`. Only these two end a run before its own end.
 *
 * `failures` counts the runs that were deferred in a row, and stays through the other states: only a run that makes
 * progress ends the row. So does `pause`, for as long as it lasts: until its end, what would start a run leads to
 * `sync_deferred`, and without a network to nothing.
 */
export type MachineState = { readonly failures: number; readonly pause: Pause | null } & (
  | {
      readonly kind: 'idle'
      /** Another tab was syncing at `heldSince`; whether it has finished is checked at `at`. */
      readonly retry: { readonly at: number; readonly heldSince: number } | null
    }
  | {
      readonly kind: 'syncing'
      /** Something new came up during the run: another one follows. */
      readonly again: boolean
      /** The run is not needed if another tab has synced since then. */
      readonly heldSince: number | null
    }
  | {
      readonly kind: 'sync_deferred'
      readonly until: number
      readonly problem: string
    }
  | {
      readonly kind: 'offline'
      readonly problem: string | null
      readonly problemDetail: ProblemDetail | null
    }
  | {
      readonly kind: 'auth_required' | 'error'
      readonly problem: string
      readonly problemDetail: ProblemDetail | null
    }
)

/** What a server asked for by `Retry-After`: before `notBefore` only a person starts a run (ENG-27). */
type Pause = {
  readonly askedAt: number
  readonly notBefore: number
  /** When the engine tries again by itself. */
  readonly until: number
  readonly problem: string
}

/** What requests a sync, or changes what one can achieve. */
export type Trigger =
  | 'manual'
  | 'local_write'
  | 'online'
  | 'foreground'
  | 'timer'
  | 'poke'
  | 'retry_due'
  | 'credentials_changed'
  | 'went_offline'
  | 'stop'

/** How soon to try the lock again while another tab or process syncs. */
const LOCKED_DELAY_MS = 5_000

export const INITIAL_STATE: MachineState = { kind: 'idle', failures: 0, pause: null, retry: null }

type Reaction = (state: MachineState, now: number) => MachineState

const stay: Reaction = (state) => state

const run: Reaction = ({ failures, pause }) => ({
  kind: 'syncing',
  failures,
  pause,
  again: false,
  heldSince: null,
})

const again: Reaction = (state) => (state.kind === 'syncing' ? { ...state, again: true } : state)

/** A run, unless the server has requested a pause that is not over. */
const later: Reaction = (state, now) => (pauseOf(state, now) ? state : run(state, now))

/** The same where nothing waits for the end of the pause yet. */
const sync: Reaction = (state, now) => {
  const { failures } = state
  const pause = pauseOf(state, now)
  if (pause === null) return run(state, now)
  return { kind: 'sync_deferred', failures, pause, until: pause.until, problem: pause.problem }
}

/** What is left of the pause; null for none. A clock that was set back meanwhile makes it no longer than it was. */
function pauseOf({ pause }: MachineState, now: number): Pause | null {
  if (pause === null || now >= pause.notBefore) return null
  const setBack = Math.max(0, pause.askedAt - now)
  return {
    askedAt: pause.askedAt - setBack,
    notBefore: pause.notBefore - setBack,
    until: pause.until - setBack,
    problem: pause.problem,
  }
}

/** The state behind a server's `Retry-After`. @param wait milliseconds, on top of it */
export function paused<S extends MachineState>(
  state: S,
  now: number,
  { retryAfterMs, problem, wait = 0 }: { retryAfterMs: number; problem: string; wait?: number },
): S {
  const notBefore = now + retryAfterMs
  return { ...state, pause: { askedAt: now, notBefore, until: notBefore + wait, problem } }
}

/** Another tab may have done the work meanwhile. */
const retry: Reaction = (state, now) => {
  const next = sync(state, now)
  const heldSince = state.kind === 'idle' ? (state.retry?.heldSince ?? null) : null
  return next.kind === 'syncing' ? { ...next, heldSince } : next
}

const offline: Reaction = (state, now) => {
  const { failures } = state
  return { kind: 'offline', failures, pause: pauseOf(state, now), ...problemOf(state) }
}

/** Its time has passed, whatever the clock says. */
const endPause: Reaction = (state) => (state.pause === null ? state : { ...state, pause: null })

const rest: Reaction = ({ failures, pause }) => ({ kind: 'idle', failures, pause, retry: null })

/** Every state with every trigger: the engine's whole behavior in the large (ENG-1). */
const REACTIONS: Readonly<Record<EngineState, Readonly<Record<Trigger, Reaction>>>> = {
  idle: {
    manual: run,
    local_write: sync,
    online: sync,
    foreground: sync,
    timer: sync,
    poke: sync,
    retry_due: retry,
    credentials_changed: run,
    went_offline: offline,
    stop: rest,
  },
  syncing: {
    manual: again,
    local_write: again,
    online: again,
    foreground: again,
    timer: again,
    poke: again,
    retry_due: stay,
    credentials_changed: again,
    // The in-flight batch is stored and goes out again unchanged.
    went_offline: offline,
    stop: rest,
  },
  sync_deferred: {
    manual: run,
    // A write that comes while the server is away must not cause a call every two seconds.
    local_write: stay,
    online: later,
    foreground: later,
    timer: stay,
    // A poke is the first sign that the server is back.
    poke: later,
    retry_due: run,
    credentials_changed: run,
    went_offline: offline,
    stop: rest,
  },
  offline: {
    // The platform may be wrong: a person's request gets an attempt, and the timer makes one now and then.
    manual: run,
    local_write: stay,
    online: sync,
    foreground: later,
    timer: later,
    poke: later,
    retry_due: endPause,
    credentials_changed: stay,
    went_offline: stay,
    stop: rest,
  },
  auth_required: {
    manual: run,
    local_write: stay,
    online: sync,
    foreground: sync,
    // What refused the credential may be repaired at the server, or renewing it may only have failed this time.
    timer: sync,
    poke: stay,
    retry_due: stay,
    credentials_changed: run,
    went_offline: stay,
    stop: rest,
  },
  error: {
    manual: run,
    local_write: stay,
    online: sync,
    foreground: sync,
    // A mistake of the server may be repaired there: the queue must drain without a person at the device.
    timer: sync,
    poke: stay,
    retry_due: stay,
    credentials_changed: run,
    went_offline: offline,
    stop: rest,
  },
}

/** The state after a trigger; the same object where nothing changes. */
export const transition = (state: MachineState, trigger: Trigger, now: number): MachineState =>
  REACTIONS[state.kind][trigger](state, now)

/**
 * The state after a sync run. The end of a run that was given up comes late, and changes nothing any more.
 *
 * @param wait draws how long to wait after so many failures in a row, milliseconds
 */
export function afterRun(
  state: MachineState,
  outcome: SyncOutcome,
  now: number,
  wait: (failures: number) => number,
): MachineState {
  if (state.kind !== 'syncing') return state
  const { failures, pause } = state
  switch (outcome.event) {
    case 'done':
      return INITIAL_STATE
    case 'lock_held':
      return { kind: 'idle', failures, pause, retry: { at: now + LOCKED_DELAY_MS, heldSince: now } }
    case 'deferred': {
      const { reason: problem, retryAfterMs } = outcome
      const before = outcome.progressed === true ? 0 : failures
      const drawn = wait(before)
      const met = retryAfterMs === null ? state : paused(state, now, { retryAfterMs, problem, wait: drawn })
      const left = pauseOf(met, now)
      const until = Math.max(now + drawn, left?.until ?? 0)
      return { kind: 'sync_deferred', failures: before + 1, pause: left, until, problem }
    }
    case 'auth_required':
    case 'failed': {
      const { reason: problem, detail: problemDetail = null } = outcome
      const kind = outcome.event === 'failed' ? 'error' : 'auth_required'
      return { kind, failures, pause: null, problem, problemDetail }
    }
  }
}

/** When `retry_due` is due; null in a state that waits for no time. */
export function retryAt(state: MachineState): number | null {
  switch (state.kind) {
    case 'idle':
      return state.retry?.at ?? null
    case 'sync_deferred':
      return state.until
    case 'offline':
      return state.pause?.until ?? null
    default:
      return null
  }
}

/** What everybody sees of the state. */
export const statusOf = (
  state: MachineState,
): Pick<EngineStatus, 'state' | 'nextTryAt' | 'problem' | 'problemDetail'> => ({
  state: state.kind,
  // Without a network the end of a pause starts nothing.
  nextTryAt: state.kind === 'offline' ? null : retryAt(state),
  ...problemOf(state),
})

function problemOf(state: MachineState): Pick<EngineStatus, 'problem' | 'problemDetail'> {
  const problem = 'problem' in state ? state.problem : null
  return { problem, problemDetail: 'problemDetail' in state ? state.problemDetail : null }
}
