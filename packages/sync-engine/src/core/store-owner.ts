import { WorkspaceUid } from '@fieldsync/contracts'

import type { Contact, Position } from './engine-meta.ts'

/** Whose a store is: a device, and its workspace once a server has named it. */
export type StoreOwner = { deviceId: string; workspaceUid: string | null }

/** The stored form; a bare device id is also what builds before contract 1.4.0 have stored. */
export const ownerName = ({ deviceId, workspaceUid }: StoreOwner): string =>
  workspaceUid === null ? deviceId : `${workspaceUid}/${deviceId}`

/** Reads {@link ownerName}. Earlier builds stored any text that a program gave them in place of a device id. */
export function readOwner(name: string): StoreOwner {
  const at = name.indexOf('/')
  const workspaceUid = WorkspaceUid.safeParse(name.slice(0, Math.max(0, at)))
  return workspaceUid.success
    ? { deviceId: name.slice(at + 1), workspaceUid: workspaceUid.data }
    : { deviceId: name, workspaceUid: null }
}

/**
 * What a session means for the store that the device brings (ENG-22):
 * `own` it goes on · `claim` the store is the workspace's from now on · `prove` only if the server accepts the store's cursor,
 * which no other workspace does (CUR-5) · `foreign` a person decides.
 */
export type Ownership = 'own' | 'claim' | 'prove' | 'foreign'

type Known = {
  owner: StoreOwner
  cursor: Position['cursor']
  /** The store holds something that came from a server. */
  holdsServerData: boolean
  /** The server that was reached before this one. */
  last: Contact | undefined
}

/** Decides by what is known; pure. `session` is what the server has said of itself. */
export function decideOwnership(
  { owner, cursor, holdsServerData, last }: Known,
  session: Pick<Contact, 'address' | 'workspaceUid'>,
): Ownership {
  // Refused before: it would be refused again, and what was hidden must not be shown in between.
  const isDisowned =
    last?.isForeign === true && last.address === session.address && last.workspaceUid === session.workspaceUid
  if (session.workspaceUid === null) {
    // The rule of 1.3.0, under which the device alone owns a store. A workspace that is known is not given up for it: the
    // cursor has to show that it is the same one.
    if (owner.workspaceUid === null) return 'own'
    if (cursor !== '') return isDisowned ? 'foreign' : 'prove'
    return last?.address === session.address && !isDisowned ? 'own' : 'foreign'
  }
  if (owner.workspaceUid !== null) return owner.workspaceUid === session.workspaceUid ? 'own' : 'foreign'
  if (cursor !== '') return isDisowned ? 'foreign' : 'prove'
  return holdsServerData ? 'foreign' : 'claim'
}
