import type { Tone } from '@fieldsync/design'
import type { EngineState, EngineStatus } from '@fieldsync/sync-engine'

import type { IconName } from '../look/icon-paths.ts'

/** How the way to the server stands, for the badge at the top. */
export type LinkState = {
  readonly tone: Tone
  readonly icon: IconName
  readonly state: EngineState | 'waiting' | 'attention'
}

const LINKS: Readonly<Record<LinkState['state'], Omit<LinkState, 'state'>>> = {
  idle: { tone: 'settled', icon: 'check' },
  waiting: { tone: 'waiting', icon: 'clock' },
  attention: { tone: 'clash', icon: 'conflict' },
  syncing: { tone: 'moving', icon: 'sync' },
  sync_deferred: { tone: 'waiting', icon: 'clock' },
  offline: { tone: 'calm', icon: 'offline' },
  auth_required: { tone: 'clash', icon: 'lock' },
  error: { tone: 'broken', icon: 'warning' },
}

/** At rest it is up to date only if the server was reached once, has everything, and nothing waits for a person (APP-14). */
export function linkState({ state, pending, conflicts, quarantined, lastSyncAt }: EngineStatus): LinkState {
  const shown = state === 'idle' ? atRest({ pending, lastSyncAt, toDecide: conflicts + quarantined }) : state
  return { state: shown, ...LINKS[shown] }
}

function atRest({
  pending,
  lastSyncAt,
  toDecide,
}: Pick<EngineStatus, 'pending' | 'lastSyncAt'> & { toDecide: number }) {
  if (pending > 0 || lastSyncAt === null) return 'waiting'
  return toDecide > 0 ? 'attention' : 'idle'
}
