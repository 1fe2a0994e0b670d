import { ENROLLMENT_SECONDS, type OpenedEnrollment, type OpenEnrollmentInput } from '@fieldsync/contracts'

import type { ServiceContext } from '../core/context.ts'
import { JsonText, type Replayable } from '../core/json-text.ts'
import type { ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { endEnrollments } from './device-key.ts'
import { hashEnrollmentCode, mintEnrollmentCode } from './enrollment-code.ts'
import { alreadyExists, isToBeWiped, lockDevice, reservedId } from './stored-device.ts'

/**
 * Lets a device enroll with a key of its own, by a one-time code that is in this answer only: a new device, one that has a
 * token, one that was installed again, or one that was revoked, which stays shut out until then. A code that the device was
 * given before ends (ENR-1).
 *
 * @throws ServiceError VALIDATION_ERROR for a reserved id; CONFLICT for a device that exists, with `onlyNew`, or
 * that is to be wiped (WIP-6); IDEMPOTENCY_CONFLICT
 */
export const openEnrollment = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    /** `linkTo`: gives the link that holds a code, as clients reach this server. */
    input: OpenEnrollmentInput & { linkTo: (code: string) => string }
  }): Promise<Replayable<OpenedEnrollment> | ServiceError> => {
    const { ctx, input } = call
    const { deviceId, role: wanted, validForSeconds = ENROLLMENT_SECONDS.default } = input
    const { onlyNew = false, cancelWipe = false, linkTo } = input
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const expiresAt = new Date(at.getTime() + validForSeconds * 1000)
    const code = mintEnrollmentCode()
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'devices.openEnrollment',
        action: 'device.open_enrollment',
        target: { type: 'device', id: deviceId },
        input: {
          deviceId,
          ...(wanted === undefined ? {} : { role: wanted }),
          validForSeconds,
          onlyNew,
          ...(cancelWipe ? { cancelWipe } : {}),
        },
        at,
      },
      async (connection) => {
        const device = await lockDevice(connection, workspaceId, deviceId)
        const reserved = device ? undefined : reservedId(deviceId)
        if (reserved) return { refusal: reserved }
        if (device && onlyNew) return { refusal: alreadyExists(workspaceId, deviceId) }
        // The codes from before the wipe have ended: this one alone calls it off, when it is used.
        if (device?.isToBeWiped && !cancelWipe) return isToBeWiped(deviceId)
        const role = wanted ?? device?.role ?? 'scout'
        await endEnrollments(connection, { workspaceId, deviceId, at })
        await connection.query(
          `INSERT INTO enrollments (code_hash, workspace_id, device_id, role, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)`,
          [hashEnrollmentCode(ctx.runtime.pepper, code), workspaceId, deviceId, role, at, expiresAt],
        )
        const answer = { deviceId, role, expiresAt: expiresAt.toISOString(), code: null, link: null }
        return { answer: JSON.stringify(answer) }
      },
    )
    if ('refusal' in result) return result.refusal
    const { response, replayed } = result
    const answer = JSON.parse(response) as OpenedEnrollment
    const text = replayed ? response : JSON.stringify({ ...answer, code, link: linkTo(code) })
    return { document: new JsonText(text), replayed }
  },
)
