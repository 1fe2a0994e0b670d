import { z } from 'zod'

import { Right, Role } from '../access.ts'
import { DeviceId, WorkspaceId, WorkspaceUid } from '../ids.ts'
import { ContractVersion } from '../version.ts'
import { SessionGrant } from './grants.ts'
import { WeatherSetting } from './settings.ts'

/** Who is calling, and what it may do, so that a program can hide what would be refused (OPS-20). */
export const Session = z
  .object({
    contractVersion: ContractVersion,
    workspace: z.object({
      workspaceId: WorkspaceId,
      workspaceUid: WorkspaceUid.describe(
        'Random, assigned when the workspace is created and preserved by its backups',
      ),
      name: z.string(),
      timeZone: z.string().describe('IANA name, such as America/Los_Angeles'),
    }),
    deviceId: DeviceId,
    role: Role,
    rights: z.array(Right),
    grants: z
      .array(SessionGrant)
      .optional()
      .describe('What the caller may change in playbooks, besides its role (GRA-15)'),
    fourEyes: z
      .boolean()
      .optional()
      .describe('Whether a change of a playbook takes a second person: a device’s patch is refused (PUB-11)'),
    weather: WeatherSetting.optional().describe(
      'What weather a caller may expect: live only where the server has a weather service (WSP-7)',
    ),
  })
  .meta({ id: 'Session' })
export type Session = z.infer<typeof Session>
