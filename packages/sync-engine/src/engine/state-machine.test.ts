import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ENGINE_STATES, type EngineState } from '../core/engine-status.ts'
import {
  afterRun,
  type MachineState,
  paused,
  retryAt,
  statusOf,
  transition,
  type Trigger,
} from './state-machine.ts'
import type { SyncOutcome } from './sync-run.ts'

const NOW = 1_000_000
const FAILURES = 3
const wait = (failures: number) => 100 * (failures + 1)

const STATES: Readonly<Record<EngineState, MachineState>> = {
  idle: { kind: 'idle', failures: FAILURES, pause: null, retry: null },
  syncing: { kind: 'syncing', failures: FAILURES, pause: null, again: false, heldSince: null },
  sync_deferred: {
    kind: 'sync_deferred',
    failures: FAILURES,
    pause: null,
    until: NOW + 5,
    problem: 'no answer',
  },
  offline: { kind: 'offline', failures: FAILURES, pause: null, problem: null, problemDetail: null },
  auth_required: {
    kind: 'auth_required',
    failures: FAILURES,
    pause: null,
    problemDetail: null,
    problem: 'revoked',
  },
  error: { kind: 'error', failures: FAILURES, pause: null, problem: 'wrong', problemDetail: null },
}

const OUTCOMES: Readonly<Record<SyncOutcome['event'], { outcome: SyncOutcome; state: EngineState }>> = {
  done: { outcome: { event: 'done' }, state: 'idle' },
  lock_held: { outcome: { event: 'lock_held' }, state: 'idle' },
  deferred: { outcome: { event: 'deferred', reason: 'busy', retryAfterMs: null }, state: 'sync_deferred' },
  auth_required: {
    outcome: { event: 'auth_required', action: null, reason: 'revoked' },
    state: 'auth_required',
  },
  failed: { outcome: { event: 'failed', code: null, reason: 'wrong' }, state: 'error' },
}

// The states in which each trigger starts a run, or a further one behind the current.
const STARTS: Readonly<Record<Exclude<Trigger, 'went_offline' | 'stop'>, readonly EngineState[]>> = {
  manual: ENGINE_STATES,
  local_write: ['idle', 'syncing'],
  online: ENGINE_STATES,
  foreground: ENGINE_STATES,
  timer: ['idle', 'syncing', 'offline', 'auth_required', 'error'],
  poke: ['idle', 'syncing', 'sync_deferred', 'offline'],
  retry_due: ['idle', 'sync_deferred'],
  credentials_changed: ['idle', 'syncing', 'sync_deferred', 'auth_required', 'error'],
}

const triggers = Object.keys(STARTS) as (keyof typeof STARTS)[]

describe('a trigger', () => {
  it.each(triggers)('[ENG-1] %s starts a run where it can help, and changes nothing elsewhere', (trigger) => {
    for (const state of ENGINE_STATES) {
      const before = STATES[state]
      const after = transition(before, trigger, NOW)
      if (!STARTS[trigger].includes(state)) expect(after, state).toBe(before)
      else expect(after, state).toMatchObject({ kind: 'syncing', again: state === 'syncing' })
    }
  })

  it('[ENG-1] without a network the engine is offline, save while it needs a credential', () => {
    const after = ENGINE_STATES.map((state) => transition(STATES[state], 'went_offline', NOW).kind)
    expect(after).toEqual(['offline', 'offline', 'offline', 'offline', 'auth_required', 'offline'])
  })

  it('[ENG-1, ENG-21] stop ends in idle from everywhere, with no retry left', () => {
    for (const state of ENGINE_STATES) {
      const after = transition(STATES[state], 'stop', NOW)
      expect([after.kind, retryAt(after)], state).toEqual(['idle', null])
    }
  })

  it('[ENG-27] without Retry-After, not even a clock that is set back holds up a run', () => {
    expect(transition(STATES.sync_deferred, 'poke', 0).kind).toBe('syncing')
  })

  it('[ENG-27] within Retry-After only a person, a new credential and the retry itself start a run', () => {
    const deferred: MachineState = {
      ...STATES.sync_deferred,
      kind: 'sync_deferred',
      pause: { askedAt: 0, notBefore: 2, until: 3, problem: '' },
      until: 3,
      problem: '',
    }
    const started = (now: number) =>
      triggers.filter((each) => transition(deferred, each, now).kind === 'syncing')
    expect(started(1)).toEqual(['manual', 'retry_due', 'credentials_changed'])
    expect(started(2)).toEqual(['manual', 'online', 'foreground', 'poke', 'retry_due', 'credentials_changed'])
  })

  it('[ENG-27, GUA-10] no sequence of others breaks Retry-After, or keeps a run back for longer, whatever the clock says', () => {
    const automatic = triggers.filter(
      (each) => each !== 'manual' && each !== 'credentials_changed' && each !== 'retry_due',
    )
    const RETRY_AFTER = 60
    const step = fc.record({
      passes: fc.nat(15),
      trigger: fc.constantFrom(...automatic, 'went_offline' as const, 'stop' as const),
      setBack: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.constantFrom(1, 20, 1_000_000)),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, isRunAborted) => {
        let clock = NOW
        let state: MachineState = isRunAborted
          ? paused(STATES.syncing, clock, { retryAfterMs: RETRY_AFTER, problem: 'busy' })
          : afterRun(
              STATES.syncing,
              { event: 'deferred', reason: 'busy', retryAfterMs: RETRY_AFTER },
              clock,
              () => 5,
            )
        if (isRunAborted) state = transition(state, 'went_offline', clock)
        // What a driver does: one timer, set when the time changes for which a state waits.
        let timer: { at: number; due: number } | null = null
        let elapsed = 0
        const enter = (next: MachineState) => {
          const due = retryAt(next)
          if (due !== timer?.due) timer = due === null ? null : { at: elapsed + due - clock, due }
          state = next
        }
        const passTo = (at: number) => {
          clock += at - elapsed
          elapsed = at
        }
        const pass = (milliseconds: number) => {
          const end = elapsed + milliseconds
          while (state.kind !== 'syncing' && timer !== null && timer.at <= end) {
            passTo(timer.at)
            timer = null
            enter(transition(state, 'retry_due', clock))
          }
          if (state.kind !== 'syncing') passTo(end)
        }
        enter(state)
        for (const { passes, trigger, setBack } of steps) {
          pass(passes)
          if (state.kind === 'syncing') break
          clock -= setBack
          enter(transition(state, trigger, clock))
        }
        if (state.kind === 'syncing') expect(elapsed).toBeGreaterThanOrEqual(RETRY_AFTER)
        // The network is there: a run follows within the time that the server asked for, and the wait on top of it.
        enter(transition(state, 'online', clock))
        pass(RETRY_AFTER + 5)
        expect(state.kind).toBe('syncing')
      }),
      { seed: 27, numRuns: 500 },
    )
  })

  it('[ENG-1, GUA-10] no state keeps a queue for good: the timer or the retry starts a run', () => {
    for (const state of ENGINE_STATES) {
      const automatic = (['timer', 'retry_due'] as const).map(
        (each) => transition(STATES[state], each, NOW).kind,
      )
      expect(automatic, state).toContain('syncing')
    }
  })

  it('[ENG-1] what went wrong stays visible without a network', () => {
    const offline = transition(STATES.error, 'went_offline', NOW)
    expect(statusOf(offline)).toEqual({
      state: 'offline',
      nextTryAt: null,
      problem: 'wrong',
      problemDetail: null,
    })
  })
})

describe('the end of a run', () => {
  it.each(Object.values(OUTCOMES))('[ENG-1] $outcome.event leads to $state', ({ outcome, state }) => {
    expect(afterRun(STATES.syncing, outcome, NOW, wait).kind).toBe(state)
  })

  it('[ENG-1, ENG-21] a late one changes nothing', () => {
    for (const state of ENGINE_STATES.filter((each) => each !== 'syncing')) {
      for (const { outcome } of Object.values(OUTCOMES)) {
        expect(afterRun(STATES[state], outcome, NOW, wait), `${state} × ${outcome.event}`).toBe(STATES[state])
      }
    }
  })

  it('[ENG-27] the wait grows with the failures in a row, and comes on top of Retry-After', () => {
    const deferred = (more: object) =>
      afterRun(STATES.syncing, { event: 'deferred', reason: 'busy', retryAfterMs: null, ...more }, NOW, wait)
    expect(deferred({})).toMatchObject({
      failures: FAILURES + 1,
      until: NOW + wait(FAILURES),
      pause: null,
    })
    expect(deferred({ retryAfterMs: 7 })).toMatchObject({
      until: NOW + 7 + wait(FAILURES),
      pause: { notBefore: NOW + 7 },
    })
    expect(deferred({ progressed: true })).toMatchObject({ failures: 1, until: NOW + wait(0) })
    expect(afterRun(STATES.syncing, { event: 'done' }, NOW, wait).failures).toBe(0)
  })

  it('[ENG-1] after another tab the retry knows since when that one has been syncing', () => {
    const held = afterRun(STATES.syncing, { event: 'lock_held' }, NOW, wait)
    expect(retryAt(held)).toBe(NOW + 5_000)
    expect(transition(held, 'retry_due', NOW + 5_000)).toMatchObject({ kind: 'syncing', heldSince: NOW })
    expect(transition(held, 'manual', NOW + 5_000)).toMatchObject({ kind: 'syncing', heldSince: null })
  })
})

describe('a pause that the server asked for', () => {
  const pause = { askedAt: NOW, notBefore: NOW + 60, until: NOW + 65, problem: 'busy' }

  it('[ENG-27] is no longer than it was where the clock was set back, and no shorter where it runs', () => {
    const deferred: MachineState = { ...STATES.error, pause }
    const after = (now: number) => transition(deferred, 'went_offline', now).pause
    expect(after(NOW + 59)).toEqual(pause)
    expect(after(NOW - 100)).toEqual({ ...pause, askedAt: NOW - 100, notBefore: NOW - 40, until: NOW - 35 })
    expect(after(NOW + 60)).toBeNull()
  })

  it('[ENG-1, ENG-27] is waited for also where another tab was to be looked at', () => {
    const held: MachineState = { kind: 'idle', failures: 0, pause, retry: { at: NOW + 5, heldSince: NOW } }
    expect(transition(held, 'retry_due', NOW + 5)).toEqual({
      kind: 'sync_deferred',
      failures: 0,
      pause,
      until: NOW + 65,
      problem: 'busy',
    })
  })

  it.each<[string, MachineState, number | null, number | null]>([
    ['at rest', STATES.idle, null, null],
    [
      'at rest beside another tab',
      { ...STATES.idle, kind: 'idle', retry: { at: NOW + 5, heldSince: NOW } },
      NOW + 5,
      NOW + 5,
    ],
    ['in a run', { ...STATES.syncing, pause }, null, null],
    ['deferred', STATES.sync_deferred, NOW + 5, NOW + 5],
    ['without a network', STATES.offline, null, null],
    ['without a network, until the pause ends', { ...STATES.offline, pause }, NOW + 65, null],
    ['without a credential', { ...STATES.auth_required, pause }, null, null],
    ['in error', { ...STATES.error, pause }, null, null],
  ])(
    '[ENG-1, ENG-20] %s a state waits for its time, which is shown where it starts something',
    (_, state, at, shown) => {
      expect(retryAt(state)).toBe(at)
      expect(statusOf(state).nextTryAt).toBe(shown)
    },
  )

  it('[ENG-20] what a program can know of a problem is shown with it', () => {
    const problemDetail = { kind: 'redirected', address: null } as const
    const failed = afterRun(
      STATES.syncing,
      { event: 'failed', code: null, reason: 'wrong', detail: problemDetail },
      NOW,
      wait,
    )
    expect(statusOf(failed)).toEqual({ state: 'error', nextTryAt: null, problem: 'wrong', problemDetail })
  })
})
