import type { EngineState, StateEffect, StateEvent, Transition } from '../core/engine-status.ts'

const to = (state: EngineState, ...effects: StateEffect[]): Transition => ({ state, effects })

/** Every state with every event: the engine's whole behavior in the large (ENG-1). */
const TRANSITIONS: Readonly<Record<EngineState, Readonly<Record<StateEvent, Transition>>>> = {
  idle: {
    manual: to('syncing', 'cancel_retry', 'start'),
    local_write: to('syncing', 'cancel_retry', 'start'),
    online: to('syncing', 'cancel_retry', 'start'),
    foreground: to('syncing', 'cancel_retry', 'start'),
    timer: to('syncing', 'cancel_retry', 'start'),
    poke: to('syncing', 'cancel_retry', 'start'),
    retry_due: to('syncing', 'start'),
    credentials_changed: to('syncing', 'cancel_retry', 'start'),
    went_offline: to('offline', 'cancel_retry'),
    // The end of a run that was given up comes late, and changes nothing any more.
    done: to('idle'),
    deferred: to('idle'),
    auth_required: to('idle'),
    failed: to('idle'),
    lock_held: to('idle'),
    stop: to('idle', 'cancel_retry'),
  },
  syncing: {
    manual: to('syncing', 'start_again'),
    local_write: to('syncing', 'start_again'),
    online: to('syncing', 'start_again'),
    foreground: to('syncing', 'start_again'),
    timer: to('syncing', 'start_again'),
    poke: to('syncing', 'start_again'),
    retry_due: to('syncing'),
    credentials_changed: to('syncing', 'start_again'),
    // What is under way is stored and goes out again as it is.
    went_offline: to('offline', 'abort'),
    done: to('idle'),
    deferred: to('sync_deferred'),
    auth_required: to('auth_required'),
    failed: to('error'),
    lock_held: to('idle', 'retry_soon'),
    stop: to('idle', 'abort', 'cancel_retry'),
  },
  sync_deferred: {
    manual: to('syncing', 'cancel_retry', 'start'),
    // A write that came while the server is away must not ask it every two seconds.
    local_write: to('sync_deferred'),
    online: to('syncing', 'cancel_retry', 'start'),
    foreground: to('syncing', 'cancel_retry', 'start'),
    timer: to('sync_deferred'),
    // A word from the server is the first sign that it is back.
    poke: to('syncing', 'cancel_retry', 'start'),
    retry_due: to('syncing', 'start'),
    credentials_changed: to('syncing', 'cancel_retry', 'start'),
    went_offline: to('offline', 'cancel_retry'),
    done: to('sync_deferred'),
    deferred: to('sync_deferred'),
    auth_required: to('sync_deferred'),
    failed: to('sync_deferred'),
    lock_held: to('sync_deferred'),
    stop: to('idle', 'cancel_retry'),
  },
  offline: {
    // The platform may be wrong: a person who asks gets an attempt, and the timer makes one now and then.
    manual: to('syncing', 'start'),
    local_write: to('offline'),
    online: to('syncing', 'start'),
    foreground: to('syncing', 'start'),
    timer: to('syncing', 'start'),
    poke: to('syncing', 'start'),
    retry_due: to('offline'),
    credentials_changed: to('offline'),
    went_offline: to('offline'),
    done: to('offline'),
    deferred: to('offline'),
    auth_required: to('offline'),
    failed: to('offline'),
    lock_held: to('offline'),
    stop: to('idle'),
  },
  auth_required: {
    manual: to('syncing', 'start'),
    local_write: to('auth_required'),
    online: to('syncing', 'start'),
    foreground: to('syncing', 'start'),
    // What refused the credential may be mended at the server, or renewing it may only have failed this time.
    timer: to('syncing', 'start'),
    poke: to('auth_required'),
    retry_due: to('auth_required'),
    credentials_changed: to('syncing', 'start'),
    went_offline: to('auth_required'),
    done: to('auth_required'),
    deferred: to('auth_required'),
    auth_required: to('auth_required'),
    failed: to('auth_required'),
    lock_held: to('auth_required'),
    stop: to('idle'),
  },
  error: {
    manual: to('syncing', 'start'),
    local_write: to('error'),
    online: to('syncing', 'start'),
    foreground: to('syncing', 'start'),
    // A mistake of the server may be mended there: the queue must drain without a person at the device.
    timer: to('syncing', 'start'),
    poke: to('error'),
    retry_due: to('error'),
    credentials_changed: to('syncing', 'start'),
    went_offline: to('offline'),
    done: to('error'),
    deferred: to('error'),
    auth_required: to('error'),
    failed: to('error'),
    lock_held: to('error'),
    stop: to('idle'),
  },
}

/** What becomes of the engine's state, and what has to be done. Pure; the engine carries the effects out. */
export const transition = (state: EngineState, event: StateEvent): Transition => TRANSITIONS[state][event]
