import type { RotatedKey, RotateKeyInput } from '@fieldsync/contracts'

import { countProof, type ProvenRequest, verifyProof } from '../access/proof.ts'
import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { forbidden, type ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { requireProofOf, storeKey } from './device-key.ts'

/**
 * Puts a new key in the place of the caller's own: the call is proven by the present key, and a second proof is by the new one.
 * Access tokens of the old key end; the next one is for the new key (ACC-20).
 *
 * @throws ServiceError FORBIDDEN, reason `device_mismatch` for another device, and for a caller without a key; AUTH_REQUIRED,
 * reasons of a proof, for the second one; IDEMPOTENCY_CONFLICT
 */
export const rotateKey = verb(
  'read',
  async (call: {
    ctx: ServiceContext
    /** `request`: what the second proof is for. */
    input: RotateKeyInput & { request: ProvenRequest }
  }): Promise<Replayable<RotatedKey> | ServiceError> => {
    const { ctx, input } = call
    const { deviceId, publicKeyJwk, request } = input
    const { actor, clock } = ctx
    const { nonces, proofs } = ctx.runtime
    if (deviceId !== actor.deviceId || !actor.proven || actor.kind !== 'device')
      return forbidden('device_mismatch', 'A device rotates its own key, with a proof by it.')
    const proof = await verifyProof({ nonces, clock }, input.proof, request)
    await requireProofOf(publicKeyJwk, proof)
    await countProof({ proofs, clock }, proof)
    const at = clock.now()
    const { workspaceId } = actor
    const { thumbprint } = proof
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'devices.rotateKey',
        action: 'device.rotate_key',
        target: { type: 'device', id: deviceId },
        input: { deviceId, publicKeyJwk },
        at,
      },
      async (connection) => ({
        answer: JSON.stringify({ deviceId, keyFingerprint: thumbprint, rotatedAt: at.toISOString() }),
        // The caller's rights are looked at before its key ends.
        afterwards: async () => {
          const key = { publicKeyJwk, thumbprint, isConfirmed: true, isInUse: true }
          await storeKey(connection, { workspaceId, deviceId, at }, key)
          await connection.query(
            `UPDATE devices SET epoch = epoch + 1, token_epoch = epoch + 1
              WHERE workspace_id = $1 AND device_id = $2`,
            [workspaceId, deviceId],
          )
        },
      }),
    )
    return answerOf(result)
  },
)
