import { z } from 'zod'

import { DeviceId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { lenient } from '../lenient.ts'

/** Whether devices may call with a pre-shared token: always, before a moment of the server's clock, or no longer (ACC-25). */
export const DeviceTokens = z
  .discriminatedUnion('mode', [
    z.strictObject({ mode: z.literal('allowed') }),
    z.strictObject({ mode: z.literal('until'), until: Instant }),
    z.strictObject({ mode: z.literal('refused') }),
  ])
  .meta({ id: 'DeviceTokens' })
export type DeviceTokens = z.infer<typeof DeviceTokens>

/**
 * Where a workspace's weather comes from: a weather service by way of the server, the made-up profile to try things with, or
 * nowhere (WSP-7).
 */
export const WeatherSetting = z.enum(['live', 'demo', 'off'])
export type WeatherSetting = z.infer<typeof WeatherSetting>

/** Whether each person of a workspace signs in with a second factor, or each as they choose (WSP-8). */
export const SecondFactorSetting = z.enum(['optional', 'required'])
export type SecondFactorSetting = z.infer<typeof SecondFactorSetting>

/** Settings of a workspace: those of version 0, the defaults, until an admin changes them (WSP-1). */
export const WorkspaceSettings = z
  .object({
    version: z.int().min(0).describe('Counts the changes; a change names the one that it is based on'),
    confirmKeys: z.boolean().describe('Whether an admin has to confirm each key that a device registers'),
    fourEyes: z.boolean().describe('Whether a change of a playbook takes a second person'),
    deviceTokens: lenient(DeviceTokens).describe('Whether devices may call with pre-shared tokens'),
    weather: WeatherSetting.optional().describe('Where weather comes from'),
    secondFactor: SecondFactorSetting.optional().describe('Whether people need a second factor'),
    changedAt: Instant.nullable().describe('When they were changed last; null for version 0'),
    changedBy: DeviceId.nullable().describe('The device that changed them last; null for the operator'),
    preShared: z
      .object({ devices: z.int().min(0), admins: z.int().min(0) })
      .describe('Devices that are not revoked and have a valid pre-shared token, and the admins among them'),
  })
  .meta({ id: 'WorkspaceSettings' })
export type WorkspaceSettings = z.infer<typeof WorkspaceSettings>

/** A change of settings; what it does not name stays. */
export const ChangeSettingsInput = z
  .strictObject({
    baseVersion: z.int().min(0).describe('The version that the change is based on'),
    confirmKeys: z.boolean().optional(),
    fourEyes: z.boolean().optional(),
    deviceTokens: DeviceTokens.optional(),
    weather: WeatherSetting.optional(),
    secondFactor: SecondFactorSetting.optional(),
  })
  .meta({ id: 'ChangeSettingsInput' })
export type ChangeSettingsInput = z.infer<typeof ChangeSettingsInput>

/** Answer of `POST /v1/workspace/settings:change`. */
export const ChangedSettings = WorkspaceSettings.extend({
  changed: z.boolean().describe('False where the settings were these already'),
}).meta({ id: 'ChangedSettings' })
export type ChangedSettings = z.infer<typeof ChangedSettings>
