import type { Transport } from '@fieldsync/sync-engine'

import type { FaultyLinkOptions } from '../link/faulty-link.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'
import type { VirtualClock } from '../time/virtual-clock.ts'
import type { ServerWatch } from './server-watch.ts'

/** The workspace of every field. */
export const FIELD = 'ws_field'

/** What a device brings to its way to the server. */
export type WayToServer = Omit<FaultyLinkOptions, 'server'>

/** The server of a field as its world needs it: the model, or a real one behind a proxy. */
export interface FieldServer {
  /** What it answered and holds, looked at. */
  readonly watch: ServerWatch
  /** To be waited for before anything else is asked of it. */
  begin(): Promise<void>
  /** @returns the device's first token */
  enrol(deviceId: string): string
  newToken(deviceId: string): string
  expireToken(token: string): void
  /** A device's way to it, which does to each call what the faults say. */
  connect(way: WayToServer): Transport
  /** It takes so many records in one batch from now on. */
  limit(maxRecords: number): void
  /** It dies and comes back, now or over one of the next calls. */
  restart(): Promise<void>
  backup(): Promise<void>
  /** @returns whether there was a backup */
  restore(): Promise<boolean>
  state(): Promise<WorkspaceState>
  /** Resolves when nothing goes on that needs no virtual time: time must not pass before. */
  settled(): Promise<void>
}

/** Where a server is put: on the clock of its world, with a seed for what it draws. */
export type Site = { readonly clock: VirtualClock; readonly seed: number }
