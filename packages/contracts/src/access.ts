import { z } from 'zod'

export const ROLES = ['viewer', 'scout', 'agronomist', 'admin', 'service'] as const
/** The role of a caller in its workspace. */
export const Role = z.enum(ROLES)
export type Role = z.infer<typeof Role>

/** The roles that a device can have; a service is not a device. */
export const DeviceRole = Role.exclude(['service'])
export type DeviceRole = z.infer<typeof DeviceRole>

export const RIGHTS = [
  'read',
  'sync',
  'sync.push',
  'observations.write',
  'observations.correct',
  'observations.writeForOthers',
  'playbooks.patch',
  'playbooks.publish',
  'audit.read',
  'admin',
] as const
/** One thing a caller may be allowed to do. `sync` alone pulls; `sync.push` also sends records. */
export const Right = z.enum(RIGHTS)
export type Right = z.infer<typeof Right>

export const GRANT_ACTIONS = ['edit', 'create', 'delete', 'publish'] as const
/** What a grant allows at and below its path; `publish` stands for every change of a whole new version. */
export const GrantAction = z.enum(GRANT_ACTIONS)
export type GrantAction = z.infer<typeof GrantAction>
