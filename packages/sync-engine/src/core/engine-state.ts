export const ENGINE_STATES = [
  'idle',
  'syncing',
  'sync_deferred',
  'offline',
  'auth_required',
  'error',
] as const
/**
 * What the engine is at: `sync_deferred` tries again by itself; `auth_required` waits for a credential; `error` needs
 * a person to look, and tries again with the timer.
 */
export type EngineState = (typeof ENGINE_STATES)[number]

export const STATE_EVENTS = [
  'manual',
  'local_write',
  'online',
  'foreground',
  'timer',
  'poke',
  'retry_due',
  'credentials_changed',
  'went_offline',
  'done',
  'deferred',
  'auth_required',
  'failed',
  'lock_held',
  'stop',
] as const
/** First what asks for a sync, then what happens to the network, then how a cycle ended, then the end. */
export type StateEvent = (typeof STATE_EVENTS)[number]

/**
 * `start` a cycle · `start_again` once the running one has ended · `abort` it · `await_retry` at the time the cycle's end
 * has named · `look_again` soon, since another tab is at it · `cancel_retry`.
 */
export type StateEffect = 'start' | 'start_again' | 'abort' | 'await_retry' | 'look_again' | 'cancel_retry'

export type Transition = { state: EngineState; effects: readonly StateEffect[] }
