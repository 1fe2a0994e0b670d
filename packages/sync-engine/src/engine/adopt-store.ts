import { transactUnowned, type EngineContext } from '../core/engine-context.ts'
import { readMeta, writeMeta } from '../core/engine-meta.ts'
import { foreignStore } from '../core/foreign-store.ts'
import { discardInFlightBatch } from '../core/in-flight-batch.ts'
import { type RefusedWrite, refused } from '../core/save-outcome.ts'
import { ownerName } from '../core/store-owner.ts'
import { startFullPull } from '../recover/full-pull.ts'

/**
 * A person has decided that the store is to be the workspace's that was reached: its queue goes there from now on, behind a
 * full pull (ENG-35). Not for the store of another device, whose records this one may not send in its own name.
 */
export const adoptStore = (context: EngineContext): Promise<{ ok: true } | RefusedWrite> =>
  transactUnowned(context, async (changeset, transaction) => {
    const { position, contact } = changeset
    const foreign = foreignStore(context, position, contact)
    if (foreign?.reason === 'other_device') {
      return refused('', `is the store of ${foreign.owner.deviceId}: only its own credential sends it`)
    }
    if (!foreign?.reached || !contact) return refused('', 'is this device’s own store')
    const { address, deviceId } = context
    const { workspaceUid } = foreign.reached
    position.owner = ownerName({ deviceId, workspaceUid })
    await writeMeta(transaction, 'contact', {
      ...contact,
      ...foreign.reached,
      address,
      isForeign: false,
      home: address,
    })
    const [batch] = await readMeta(transaction, ['snapshot'])
    if (batch) await discardInFlightBatch(changeset, transaction, batch)
    // What the former server takes at most says nothing about this one.
    await writeMeta(transaction, 'limits', undefined)
    await startFullPull(changeset, transaction, 'cursor')
    context.disownedBy = null
    context.ownership(null)
    return { ok: true }
  })
