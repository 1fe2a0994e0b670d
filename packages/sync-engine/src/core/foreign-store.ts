import { WorkspaceUid } from '@fieldsync/contracts'

import { type Contact, type Position, readMeta } from './engine-meta.ts'
import type { ReadTransaction } from './local-store.ts'

/**
 * A store of which nothing is sent before a person decides (ENG-22): `other_device` it belongs to another device ·
 * `other_workspace` to another workspace than the server's · `unknown_workspace` it cannot be said, since the server does not know the
 * store's cursor.
 */
export type ForeignStore = {
  reason: 'other_device' | 'other_workspace' | 'unknown_workspace'
  /**
   * It is another owner's, so none of its records are shown and nothing is written there. Not where the device's own
   * server has become another workspace, as one that was set up again: there the device's notes stay, and new ones are kept.
   */
  hidden: boolean
  owner: StoreOwner
  /** The workspace that was reached instead, where one was. */
  reached: { workspaceUid: string | null; workspaceName: string | null } | null
}

/** What an engine is to a store. */
type Claimant = {
  deviceId: string
  /** Of its server. */
  address: string
  /** The workspace for which this program has found the store to be foreign. */
  disownedBy?: ForeignStore['reached']
}

/** Why the store is not this engine's, or null where it is, or where that is still open. */
export function foreignStore(
  { deviceId, address, disownedBy }: Claimant,
  position: Pick<Position, 'owner'> | undefined,
  contact: Contact | undefined,
): ForeignStore | null {
  if (!position || position.owner === null) return null
  const owner = readOwner(position.owner)
  if (owner.deviceId !== deviceId) return { reason: 'other_device', hidden: true, owner, reached: null }
  const isMarked = contact?.isForeign === true && contact.address === address
  // The owner's own credential may have reached its workspace at the same address since.
  const reached = disownedBy ?? (isMarked ? contact : null)
  if (reached === null) return null
  const { workspaceUid, workspaceName } = reached
  if (workspaceUid !== null && workspaceUid === owner.workspaceUid) return null
  const reason =
    owner.workspaceUid === null || workspaceUid === null ? 'unknown_workspace' : 'other_workspace'
  const home = contact?.home ?? null
  const hidden = home !== null && home !== address
  return { reason, hidden, owner, reached: { workspaceUid, workspaceName } }
}

/** The same, read from the store. */
export async function readForeignStore(
  transaction: ReadTransaction,
  claimant: Claimant,
): Promise<ForeignStore | null> {
  const [position, contact] = await readMeta(transaction, ['position', 'contact'])
  return foreignStore(claimant, position, contact)
}

/** The store holds the records of another device or company. */
export class ForeignStoreError extends Error {
  override name = 'ForeignStoreError'
  readonly foreign: ForeignStore

  constructor(foreign: ForeignStore) {
    super(describeForeign(foreign))
    this.foreign = foreign
  }
}

/** For people: whose the store is, and that nothing of it was sent. */
export function describeForeign({ reason, owner: { deviceId }, reached }: ForeignStore): string {
  const workspace = reached?.workspaceName ?? 'the server'
  switch (reason) {
    case 'other_device':
      return `This store belongs to ${deviceId}, another device: nothing of it is shown or sent.`
    case 'other_workspace':
      return `This store belongs to another workspace than ${workspace}: nothing is sent before you decide.`
    case 'unknown_workspace':
      return `This store is not recognized by ${workspace}: nothing is sent before you decide.`
  }
}

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
