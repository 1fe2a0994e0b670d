import { clientIdOf, type EnrolledDevice, type UpgradeDeviceInput } from '@fieldsync/contracts'

import { countProof, type Proof } from '../access/proof.ts'
import type { ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { forbidden, ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { readSettings } from '../workspaces/stored-settings.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { presentKeys, requireProofOf, storeKey } from './device-key.ts'

/**
 * Registers a key for a device that calls with its pre-shared token, which ends when the key is first used (ACC-21). Never by
 * itself: a person asks for it, who has the device in hand. Where the workspace says so, an admin confirms the key first, and
 * the token goes on until then (ENR-6).
 *
 * @param call.proof of the request, by the new key
 * @throws ServiceError CONFLICT for a device that has a key; FORBIDDEN for a caller with an access token; AUTH_REQUIRED,
 * reasons of a proof; IDEMPOTENCY_CONFLICT
 */
export const upgradeDevice = verb(
  'read',
  async (call: {
    ctx: ServiceContext
    input: UpgradeDeviceInput & { proof: Proof }
  }): Promise<Replayable<EnrolledDevice> | ServiceError> => {
    const { ctx, input } = call
    const { publicKeyJwk, proof } = input
    const { clock } = ctx
    const { kind, workspaceId, deviceId, role, proven } = ctx.actor
    const { proofs } = ctx.runtime
    if (kind !== 'device') return forbidden('device_mismatch', 'A service gets its key from an admin.')
    if (proven) return forbidden('device_mismatch', 'This device has a key; rotate it instead.')
    await requireProofOf(publicKeyJwk, proof)
    await countProof({ proofs, clock }, proof)
    const at = clock.now()
    const { thumbprint } = proof
    const answer = (confirmed: boolean): string =>
      JSON.stringify({
        clientId: clientIdOf(workspaceId, deviceId),
        workspaceId,
        deviceId,
        role,
        keyFingerprint: thumbprint,
        confirmed,
      } satisfies EnrolledDevice)
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'devices.upgrade',
        action: 'device.upgrade',
        target: { type: 'device', id: deviceId },
        input: { publicKeyJwk },
        at,
      },
      async (connection) => {
        const present = await presentKeys(connection, workspaceId, deviceId)
        const same = present.find((key) => key.thumbprint === thumbprint)
        if (same) return { asItIs: answer(same.isConfirmed) }
        if (present.some((key) => key.isConfirmed)) {
          const message = `The device ${deviceId} has a key already; an admin can let it enroll again.`
          return { refusal: new ServiceError('CONFLICT', message) }
        }
        const { confirmKeys } = await readSettings(connection, workspaceId)
        const key = { publicKeyJwk, thumbprint, isConfirmed: !confirmKeys, isInUse: false }
        await storeKey(connection, { workspaceId, deviceId, at }, key)
        return { answer: answer(key.isConfirmed) }
      },
    )
    return answerOf(result)
  },
)
