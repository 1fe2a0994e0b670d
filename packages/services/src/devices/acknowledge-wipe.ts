import {
  type AcknowledgedWipe,
  type AcknowledgeWipeInput,
  readClientId,
  Role,
  WorkspaceId,
} from '@fieldsync/contracts'
import { commitWrite, inTransaction, lockWorkspace, type Queryable } from '@fieldsync/db'

import { endTokens, hashesOf } from '../access/device-token.ts'
import { countProof, type Proof } from '../access/proof.ts'
import { revokedDevice } from '../access/revoked-device.ts'
import type { AdminContext } from '../core/context.ts'
import { authRequired, ServiceError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { baseWrite } from '../write/base-write.ts'
import { endKeys } from './device-key.ts'

/** What a device acknowledges its wipe with: a proof of the request by its key, or its pre-shared token. */
export type WipeCredential = { readonly proof: Proof } | { readonly deviceToken: string }

type CredentialRow = {
  workspaceId: string
  role: string
  epoch: number
  isRevoked: boolean
  endedAt: Date | null
  requestedAt: Date | null
  acknowledgedAt: Date | null
  unsentDeleted: number | null
}

const OF_DEVICE = `d.workspace_id AS "workspaceId", d.role, d.epoch, d.revoked_at IS NOT NULL AS "isRevoked", d.wipe_requested_at AS "requestedAt",
    d.wipe_acknowledged_at AS "acknowledgedAt", d.wipe_unsent_deleted AS "unsentDeleted"`
const BY_KEY = `SELECT ${OF_DEVICE}, k.ended_at AS "endedAt"
  FROM device_keys k JOIN devices d ON d.workspace_id = k.workspace_id AND d.device_id = k.device_id
  WHERE k.workspace_id = $1 AND k.device_id = $2 AND k.thumbprint = $3`
const BY_TOKEN = `SELECT ${OF_DEVICE}, t.revoked_at AS "endedAt"
  FROM device_tokens t JOIN devices d ON d.workspace_id = t.workspace_id AND d.device_id = t.device_id
  WHERE t.token_hash = ANY ($1) AND t.device_id = $2`

/**
 * A device says that it has deleted everything, by the key or the token that its wipe was for. These end then, for good, with
 * an audit entry of the device. The same acknowledgement is answered as the first time, so that a lost answer is repeated
 * until it arrives (WIP-4, WIP-5).
 *
 * @throws ServiceError AUTH_REQUIRED: `invalid` for a credential that is not the device's, `revoked` for one that has ended in
 * another way, reasons of a proof; CONFLICT for a device that is not to be wiped; UNAVAILABLE
 */
export async function acknowledgeWipe(call: {
  ctx: AdminContext
  credential: WipeCredential
  input: AcknowledgeWipeInput
}): Promise<AcknowledgedWipe> {
  const { ctx, credential, input } = call
  const { deviceId, unsentDeleted } = input
  const { proofs, db, peppers } = ctx.runtime
  if ('proof' in credential) await countProof({ proofs, clock: ctx.clock }, credential.proof)
  const outcome = await mapUnavailable(async () => {
    const found = decide(await find(db.pool))
    if (!('pending' in found)) return found
    return await inTransaction(
      db,
      (connection) => acknowledgeLocked(connection, found.pending.workspaceId),
      (acknowledged) => !(acknowledged instanceof ServiceError),
    )
  })
  if (outcome instanceof ServiceError) throw outcome
  return outcome

  async function find(connection: Queryable): Promise<CredentialRow | undefined> {
    if ('deviceToken' in credential) {
      const values = [hashesOf(peppers, credential.deviceToken), deviceId]
      return (await connection.query<CredentialRow>(BY_TOKEN, values)).rows[0]
    }
    const client = readClientId(input.clientId ?? '')
    if (client?.deviceId !== deviceId) return undefined
    const values = [client.workspaceId, deviceId, credential.proof.thumbprint]
    return (await connection.query<CredentialRow>(BY_KEY, values)).rows[0]
  }

  function decide(
    row: CredentialRow | undefined,
  ): ServiceError | AcknowledgedWipe | { pending: CredentialRow } {
    if (!row) return authRequired('invalid', 'This is no credential of the device.')
    const { requestedAt, acknowledgedAt, endedAt } = row
    // What has ended with the acknowledgement is what it was given with, or another credential of the same device.
    if (acknowledgedAt && endedAt?.getTime() === acknowledgedAt.getTime())
      return answer(acknowledgedAt, row.unsentDeleted ?? 0)
    if (endedAt) return authRequired('revoked', 'This credential has ended; enroll the device again.')
    if (!requestedAt && row.isRevoked) return revokedDevice(ctx, false)
    if (!requestedAt) return new ServiceError('CONFLICT', `The device ${deviceId} is not to be wiped.`)
    return { pending: row }
  }

  async function acknowledgeLocked(
    connection: Queryable,
    workspace: string,
  ): Promise<AcknowledgedWipe | ServiceError> {
    await lockWorkspace(connection, workspace)
    // Another acknowledgement, or an admin, may have been faster.
    const now = decide(await find(connection))
    if (!('pending' in now)) return now
    const { role, epoch } = now.pending
    const workspaceId = WorkspaceId.parse(workspace)
    const at = ctx.clock.now()
    const device = { workspaceId, deviceId, at }
    await connection.query(
      `UPDATE devices SET wipe_acknowledged_at = $3, wipe_unsent_deleted = $4, epoch = epoch + 1, token_epoch = epoch + 1
        WHERE workspace_id = $1 AND device_id = $2`,
      [workspaceId, deviceId, at, unsentDeleted],
    )
    await endKeys(connection, device)
    await endTokens(connection, device, 'all')
    const { proof } = 'proof' in credential ? credential : { proof: undefined }
    const actor = {
      kind: 'device',
      workspaceId,
      deviceId,
      role: Role.parse(role),
      epoch,
      ...(proof ? { proven: { ...proof, bodySha256: undefined } } : {}),
    } as const
    const record = {
      action: 'device.acknowledge_wipe',
      at,
      target: { type: 'device', id: deviceId },
      changes: [],
      requestSha256: null,
      outcome: { ok: true, code: null },
    } as const
    // A revoked device writes nothing else: its epoch is not to be checked.
    const written = await commitWrite(connection, {
      ...baseWrite({ ...ctx, actor }, record),
      epoch: null,
    })
    if (written.outcome !== 'done') throw new Error(`an acknowledgement ended as ${written.outcome}`)
    return answer(at, unsentDeleted)
  }

  function answer(at: Date, count: number): AcknowledgedWipe {
    return { deviceId, acknowledgedAt: at.toISOString(), unsentDeleted: count }
  }
}
