import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { type Actor, can, mayChange, mayWriteFor, type Right } from '@fieldsync/domain'

import type { AppSettings } from './app-settings.ts'
import { useSettings } from './settings-context.ts'

// Rights are looked up by the role alone; which workspace it is, only the server knows.
const ANY_WORKSPACE = WorkspaceId.parse('ws_any')

export type Rights = {
  readonly has: (right: Right) => boolean
  /** A stored note of this author. */
  readonly mayChangeNoteOf: (author: DeviceId) => boolean
  /** A note of this author that the server does not have. */
  readonly mayWriteNoteOf: (author: DeviceId) => boolean
}

/** What this device may do, as the server last said; everything until it has, and the server decides again. */
export function rightsOf({ role, deviceId }: Pick<AppSettings, 'role' | 'deviceId'>): Rights {
  if (role === '') {
    return { has: () => true, mayChangeNoteOf: () => true, mayWriteNoteOf: (author) => author === deviceId }
  }
  const actor: Actor = {
    kind: 'device',
    workspaceId: ANY_WORKSPACE,
    deviceId: DeviceId.parse(deviceId),
    role,
  }
  return {
    has: (right) => can(actor, right),
    mayChangeNoteOf: (author) => mayChange(actor, author),
    mayWriteNoteOf: (author) => mayWriteFor(actor, author),
  }
}

/** What this device may do now; it changes under an open screen with the role (APP-16). */
export const useRights = (): Rights => rightsOf(useSettings().settings)
