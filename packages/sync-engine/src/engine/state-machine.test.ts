import { describe, expect, it } from 'vitest'

import { ENGINE_STATES, type EngineState, STATE_EVENTS, type StateEvent } from '../core/engine-status.ts'
import { transition } from './state-machine.ts'

// The whole behavior a second time, as a person would write it down: state and effects of every cell.
const EXPECTED: Readonly<Record<StateEvent, Readonly<Record<EngineState, string>>>> = {
  manual: {
    idle: 'syncing cancel_retry start',
    syncing: 'syncing start_again',
    sync_deferred: 'syncing cancel_retry start',
    offline: 'syncing start',
    auth_required: 'syncing start',
    error: 'syncing start',
  },
  local_write: {
    idle: 'syncing cancel_retry start',
    syncing: 'syncing start_again',
    sync_deferred: 'sync_deferred',
    offline: 'offline',
    auth_required: 'auth_required',
    error: 'error',
  },
  online: {
    idle: 'syncing cancel_retry start',
    syncing: 'syncing start_again',
    sync_deferred: 'syncing cancel_retry start',
    offline: 'syncing start',
    auth_required: 'syncing start',
    error: 'syncing start',
  },
  foreground: {
    idle: 'syncing cancel_retry start',
    syncing: 'syncing start_again',
    sync_deferred: 'syncing cancel_retry start',
    offline: 'syncing start',
    auth_required: 'syncing start',
    error: 'syncing start',
  },
  timer: {
    idle: 'syncing cancel_retry start',
    syncing: 'syncing start_again',
    sync_deferred: 'sync_deferred',
    offline: 'syncing start',
    auth_required: 'syncing start',
    error: 'syncing start',
  },
  poke: {
    idle: 'syncing cancel_retry start',
    syncing: 'syncing start_again',
    sync_deferred: 'syncing cancel_retry start',
    offline: 'syncing start',
    auth_required: 'auth_required',
    error: 'error',
  },
  retry_due: {
    idle: 'syncing start',
    syncing: 'syncing',
    sync_deferred: 'syncing start',
    offline: 'offline',
    auth_required: 'auth_required',
    error: 'error',
  },
  credentials_changed: {
    idle: 'syncing cancel_retry start',
    syncing: 'syncing start_again',
    sync_deferred: 'syncing cancel_retry start',
    offline: 'offline',
    auth_required: 'syncing start',
    error: 'syncing start',
  },
  went_offline: {
    idle: 'offline cancel_retry',
    syncing: 'offline abort',
    sync_deferred: 'offline cancel_retry',
    offline: 'offline',
    auth_required: 'auth_required',
    error: 'offline',
  },
  done: {
    idle: 'idle',
    syncing: 'idle',
    sync_deferred: 'sync_deferred',
    offline: 'offline',
    auth_required: 'auth_required',
    error: 'error',
  },
  deferred: {
    idle: 'idle',
    syncing: 'sync_deferred',
    sync_deferred: 'sync_deferred',
    offline: 'offline',
    auth_required: 'auth_required',
    error: 'error',
  },
  auth_required: {
    idle: 'idle',
    syncing: 'auth_required',
    sync_deferred: 'sync_deferred',
    offline: 'offline',
    auth_required: 'auth_required',
    error: 'error',
  },
  failed: {
    idle: 'idle',
    syncing: 'error',
    sync_deferred: 'sync_deferred',
    offline: 'offline',
    auth_required: 'auth_required',
    error: 'error',
  },
  lock_held: {
    idle: 'idle',
    syncing: 'idle retry_soon',
    sync_deferred: 'sync_deferred',
    offline: 'offline',
    auth_required: 'auth_required',
    error: 'error',
  },
  stop: {
    idle: 'idle cancel_retry',
    syncing: 'idle abort cancel_retry',
    sync_deferred: 'idle cancel_retry',
    offline: 'idle',
    auth_required: 'idle',
    error: 'idle',
  },
}

describe('the state machine', () => {
  for (const state of ENGINE_STATES) {
    for (const event of STATE_EVENTS) {
      it(`[ENG-1] ${state} × ${event} → ${EXPECTED[event][state]}`, () => {
        const next = transition(state, event)
        expect([next.state, ...next.effects].join(' ')).toBe(EXPECTED[event][state])
      })
    }
  }

  it('[ENG-1, GUA-10] no state keeps a queue for good: each comes to a sync by itself or by the platform', () => {
    const automatic: StateEvent[] = ['timer', 'retry_due', 'online']
    for (const state of ENGINE_STATES) {
      expect(automatic.map((event) => transition(state, event).state)).toContain('syncing')
    }
  })

  it('[ENG-1, ENG-21] stop ends in idle from everywhere, and leaves nothing running', () => {
    for (const state of ENGINE_STATES) expect(transition(state, 'stop').state).toBe('idle')
    expect(transition('syncing', 'stop').effects).toContain('abort')
  })
})
