import {
  clientIdOf,
  DeviceId,
  type EnrollDeviceInput,
  type EnrolledDevice,
  Role,
  WorkspaceId,
} from '@fieldsync/contracts'
import { commitWrite, inTransaction, lockWorkspace, type Queryable } from '@fieldsync/db'

import { endTokens } from '../access/device-token.ts'
import { countProof, type Proof } from '../access/proof.ts'
import type { AdminContext } from '../core/context.ts'
import { ServiceError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { readSettings } from '../workspaces/stored-settings.ts'
import { baseWrite } from '../write/base-write.ts'
import { endKeys, presentKeys, requireProofOf, storeKey } from './device-key.ts'
import { hashEnrollmentCode } from './enrollment-code.ts'
import { lockDevice, NOT_REVOKED, wipeCalledOff } from './stored-device.ts'

type EnrollmentRow = {
  workspaceId: string
  deviceId: string
  role: string
  expiresAt: Date
  thumbprint: string | null
  endedAt: Date | null
}

const ENROLLMENT = `SELECT workspace_id AS "workspaceId", device_id AS "deviceId", role, expires_at AS "expiresAt",
    thumbprint, ended_at AS "endedAt"
  FROM enrollments WHERE code_hash = ANY ($1)`

/**
 * Registers the public key of a device with the one-time code of its enrollment: creates the device, or ends the key that it
 * had, and readmits one that was revoked. The same code with the same key is answered as the first time while it is valid,
 * so that a lost answer shuts nobody out (ENR-2). Where the workspace says so, an admin confirms the key first (ENR-6). Every code that is not valid is refused in the same words (ENR-4).
 *
 * @param proof of the request, by the key in its body
 * @throws ServiceError ENROLLMENT_INVALID; AUTH_REQUIRED, reason `proof_invalid` or `replayed`; UNAVAILABLE
 */
export async function enrollDevice(call: {
  ctx: AdminContext
  proof: Proof
  input: EnrollDeviceInput
}): Promise<EnrolledDevice> {
  const { ctx, proof, input } = call
  const { proofs, pepper, peppers, db } = ctx.runtime
  const { publicKeyJwk } = input
  await requireProofOf(publicKeyJwk, proof)
  const codeHash = hashEnrollmentCode(pepper, input.code)
  const codeHashes = peppers.map((each) => hashEnrollmentCode(each, input.code))
  const outcome = await mapUnavailable(async () => {
    const { rows } = await db.pool.query<EnrollmentRow>(ENROLLMENT, [codeHashes])
    const [found] = rows
    if (!found) return invalidEnrollment()
    const result = await inTransaction(
      db,
      (connection) => enrollLocked(connection, found.workspaceId),
      (enrolled) => !(enrolled instanceof ServiceError),
    )
    if (!(result instanceof ServiceError)) await countProof({ proofs, clock: ctx.clock }, proof)
    return result
  })
  if (outcome instanceof ServiceError) throw outcome
  return outcome

  async function enrollLocked(
    connection: Queryable,
    workspace: string,
  ): Promise<EnrolledDevice | ServiceError> {
    await lockWorkspace(connection, workspace)
    const { rows } = await connection.query<EnrollmentRow>(`${ENROLLMENT} FOR UPDATE`, [codeHashes])
    const [row] = rows
    const at = ctx.clock.now()
    if (!row || row.endedAt || row.expiresAt <= at) return invalidEnrollment()
    if (row.thumbprint !== null && row.thumbprint !== proof.thumbprint) return invalidEnrollment()
    const workspaceId = WorkspaceId.parse(row.workspaceId)
    const deviceId = DeviceId.parse(row.deviceId)
    const role = Role.parse(row.role)
    const answer = (confirmed: boolean): EnrolledDevice => ({
      clientId: clientIdOf(workspaceId, deviceId),
      workspaceId,
      deviceId,
      role,
      keyFingerprint: proof.thumbprint,
      confirmed,
    })
    const present = await presentKeys(connection, workspaceId, deviceId)
    const isKnown = present.some((key) => key.thumbprint === proof.thumbprint && key.isConfirmed)
    if (row.thumbprint !== null) return answer(isKnown)
    const device = { workspaceId, deviceId, role, at }
    const { epoch, isConfirmed, wasToBeWiped } = await storeDevice(connection, device, isKnown)
    // A code is stored under the present pepper once it is used.
    await connection.query(
      'UPDATE enrollments SET thumbprint = $2, code_hash = $3 WHERE code_hash = ANY ($1)',
      [codeHashes, proof.thumbprint, codeHash],
    )
    const proven = { thumbprint: proof.thumbprint, jti: proof.jti, bodySha256: undefined }
    const actor = { kind: 'device', workspaceId, deviceId, role, epoch, proven } as const
    const written = await commitWrite(
      connection,
      baseWrite(
        { ...ctx, actor },
        {
          action: 'device.enroll',
          at,
          target: { type: 'device', id: deviceId },
          changes: wasToBeWiped ? [wipeCalledOff(deviceId)] : [],
          requestSha256: null,
          outcome: { ok: true, code: null },
        },
      ),
    )
    if (written.outcome !== 'done') throw new Error(`an enrollment ended as ${written.outcome}`)
    return answer(isConfirmed)
  }

  /**
   * The device as it is enrolled from now on, with its new key.
   * @param isKnown its key has been confirmed before, and the device has it still
   * @returns its epoch, whether its key is confirmed, and whether that calls a wipe off
   */
  async function storeDevice(
    connection: Queryable,
    device: { workspaceId: WorkspaceId; deviceId: DeviceId; role: Role; at: Date },
    isKnown: boolean,
  ): Promise<{ epoch: number; isConfirmed: boolean; wasToBeWiped: boolean }> {
    const { workspaceId, deviceId, role, at } = device
    const known = await lockDevice(connection, workspaceId, deviceId)
    const wasRevoked = known?.revokedAt != null
    if (wasRevoked) {
      await endTokens(connection, device, 'all')
      await endKeys(connection, device)
    }
    const { confirmKeys } = await readSettings(connection, workspaceId)
    const isConfirmed = !confirmKeys || (isKnown && !wasRevoked)
    const { rows } = await connection.query<{ epoch: number }>(
      `INSERT INTO devices (workspace_id, device_id, role, epoch, token_epoch, created_at) VALUES ($1, $2, $3, 1, 1, $4)
         ON CONFLICT (workspace_id, device_id) DO UPDATE
           SET role = $3, epoch = devices.epoch + 1, ${NOT_REVOKED},
             token_epoch = CASE WHEN $5 THEN devices.epoch + 1 ELSE devices.token_epoch END
         RETURNING epoch`,
      [workspaceId, deviceId, role, at, isConfirmed],
    )
    const key = { publicKeyJwk, thumbprint: proof.thumbprint, isConfirmed, isInUse: false }
    await storeKey(connection, device, key)
    if (input.device) {
      // What the device says of itself is replaced by its batches (DEV-1).
      await connection.query(
        `INSERT INTO device_states (workspace_id, device_id, metadata, metadata_micros) VALUES ($1, $2, $3, 0)
           ON CONFLICT DO NOTHING`,
        [workspaceId, deviceId, { deviceId, ...input.device }],
      )
    }
    return { epoch: rows[0]?.epoch ?? 1, isConfirmed, wasToBeWiped: known?.isToBeWiped === true }
  }
}

const invalidEnrollment = (): ServiceError =>
  new ServiceError('ENROLLMENT_INVALID', 'This code is not valid; ask for a new one.')
