import { type AdminContext, ensureConfiguredDevices } from '@fieldsync/services'
import type { Logger } from 'pino'

import { type ConfiguredDevice, MIN_TOKEN_LENGTH } from '../env/device-tokens.ts'

/** Creates the missing devices of `DEVICE_TOKENS`, and returns the outcome for each (RUN-4). */
export async function createConfiguredDevices(
  ctx: AdminContext,
  devices: readonly ConfiguredDevice[],
  logger: Logger,
): Promise<void> {
  for (const { workspaceId, deviceId, token } of devices) {
    if (token.length >= MIN_TOKEN_LENGTH) continue
    logger.warn(
      { workspaceId, deviceId },
      `DEVICE_TOKENS: a token below ${MIN_TOKEN_LENGTH} characters can be guessed`,
    )
  }
  const results = await ensureConfiguredDevices({ ctx, input: devices })
  for (const { device, outcome, role } of results) {
    const fields = { workspaceId: device.workspaceId, deviceId: device.deviceId, role }
    if (outcome === 'created') logger.info(fields, 'DEVICE_TOKENS: created a device')
    if (outcome === 'token_added') {
      logger.warn(fields, 'DEVICE_TOKENS: added a token to a device; its earlier tokens stay valid')
    }
    if (outcome === 'revoked') logger.warn(fields, 'DEVICE_TOKENS: names a revoked device; it stays revoked')
    if (role !== device.role)
      logger.warn(
        fields,
        'DEVICE_TOKENS: names a different role than the device has; the device keeps its role',
      )
  }
}
