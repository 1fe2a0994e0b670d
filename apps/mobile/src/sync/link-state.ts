import type { Tone } from '@fieldsync/design'
import type { EngineState, EngineStatus } from '@fieldsync/sync-engine'

import type { IconName } from '../look/icon-paths.ts'

/** How the way to the server stands, for the badge at the top. */
export type LinkState = {
  readonly tone: Tone
  readonly icon: IconName
  readonly state: EngineState | 'waiting'
}

const LINKS: Readonly<Record<LinkState['state'], Omit<LinkState, 'state'>>> = {
  idle: { tone: 'settled', icon: 'check' },
  waiting: { tone: 'waiting', icon: 'clock' },
  syncing: { tone: 'moving', icon: 'sync' },
  sync_deferred: { tone: 'waiting', icon: 'clock' },
  offline: { tone: 'calm', icon: 'offline' },
  auth_required: { tone: 'clash', icon: 'lock' },
  error: { tone: 'broken', icon: 'warning' },
}

/** At rest it is up to date only if the server has been asked once and has everything. */
export function linkState({ state, pending, lastSyncAt }: EngineStatus): LinkState {
  const shown = state === 'idle' && (pending > 0 || lastSyncAt === null) ? 'waiting' : state
  return { state: shown, ...LINKS[shown] }
}
