import type { Role } from '@fieldsync/domain'
import type { Transport } from '@fieldsync/sync-engine'

import type { FaultyLinkOptions } from '../link/faulty-link.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'
import type { VirtualClock } from '../time/virtual-clock.ts'
import type { ServerWatch } from './server-watch.ts'

/** The workspace of the devices of every script. */
export const HOME = 'ws_home'

/** The one beside it, in worlds that have one (G7). */
export const NEIGHBOR = 'ws_neighbour'

/** Where a device belongs, and what it may do there. */
export type Membership = {
  readonly workspaceId: string
  readonly role: Role
  /** The other workspace has a device of this name too. */
  readonly hasNamesake: boolean
}

/** What a device brings to its way to the server. */
export type WayToServer = Omit<FaultyLinkOptions, 'server'>

/** The server of the devices as their world needs it: the model, or a real one behind a proxy. */
export interface DeviceServer {
  /** What it answered and holds, looked at. */
  readonly watch: ServerWatch
  /** To be waited for before anything else is asked of it. */
  begin(): Promise<void>
  /** The same of the farm beside it, at a server that has one. */
  readonly neighbor?: Pick<DeviceServer, 'watch' | 'state'>
  /** @returns the device's first token */
  enroll(deviceId: string, membership: Membership): string
  newToken(deviceId: string): string
  /** The next tokens of the device are of its namesake in the other workspace, or its own again; at servers that have two. */
  move?(deviceId: string, away: boolean): void
  /** It is a build that announces its contract from now on, or one from before. */
  announce?(announced: boolean): void
  expireToken(token: string): void
  /** Fails on every batch with records for so many milliseconds from now. */
  fail(milliseconds: number): void
  /** A device's way to it, which does to each call what the faults say. */
  connect(way: WayToServer): Transport
  /** Its word to a device that there is news (LIV-2); a server without it pokes nobody. */
  live?(deviceId: string, onPoke: () => void): () => void
  /** Takes the next batch with records, and says that its key is bound. */
  bind?(): void
  /** Deletes one of its observations, if it has any. @returns its id */
  delete?(pick: number): string | undefined
  /** It takes so many records in one batch from now on. */
  limit(maxRecords: number): void
  /** It dies and comes back, now or over one of the next calls. */
  restart(): Promise<void>
  backup(): Promise<void>
  /** @returns whether there was a backup */
  restore(): Promise<boolean>
  /** Starts from nothing, with its devices. */
  empty(): Promise<void>
  state(): Promise<WorkspaceState>
  /** Resolves when nothing goes on that needs no virtual time: time must not pass before. */
  settled(): Promise<void>
}

/** Where a server is put: on the clock of its world, with a seed for what it draws. */
export type Site = { readonly clock: VirtualClock; readonly seed: number }
