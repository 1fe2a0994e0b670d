import type { Tone } from '@fieldsync/design'
import type { EngineState, EngineStatus } from '@fieldsync/sync-engine'

import type { IconName } from '../theme/icon-paths.ts'
import type { Connection } from './known-stores.ts'

/** How the way to the server stands, for the badge at the top. */
type LinkState = {
  readonly tone: Tone
  readonly icon: IconName
  readonly state: EngineState | 'waiting' | 'attention' | 'localOnly' | 'unconfirmed' | 'keyRejected'
}

const LINKS: Readonly<Record<LinkState['state'], Omit<LinkState, 'state'>>> = {
  idle: { tone: 'settled', icon: 'check' },
  waiting: { tone: 'waiting', icon: 'clock' },
  attention: { tone: 'clash', icon: 'conflict' },
  localOnly: { tone: 'clash', icon: 'warning' },
  syncing: { tone: 'moving', icon: 'sync' },
  sync_deferred: { tone: 'waiting', icon: 'clock' },
  offline: { tone: 'calm', icon: 'offline' },
  auth_required: { tone: 'clash', icon: 'lock' },
  unconfirmed: { tone: 'waiting', icon: 'clock' },
  keyRejected: { tone: 'clash', icon: 'lock' },
  error: { tone: 'broken', icon: 'warning' },
}

/** At rest it is up to date only if the server was reached once, has everything, and nothing waits for a person (APP-14). */
export function linkState(status: EngineStatus, { key }: Pick<Connection, 'key'>): LinkState {
  const shown = shownState(status, key !== null)
  return { state: shown, ...LINKS[shown] }
}

function shownState(status: EngineStatus, hasKey: boolean): LinkState['state'] {
  const { state, problemDetail } = status
  if (state === 'idle') return atRest(status)
  if (state !== 'auth_required' || !hasKey) return state
  return problemDetail?.kind === 'refused' && problemDetail.action === 'wait' ? 'unconfirmed' : 'keyRejected'
}

function atRest({ pending, conflicts, quarantined, localOnly, lastSyncAt }: EngineStatus) {
  if (pending > 0 || lastSyncAt === null) return 'waiting'
  if (conflicts + quarantined > 0) return 'attention'
  return localOnly > 0 ? 'localOnly' : 'idle'
}
