import { z } from 'zod'

export const ROLES = ['viewer', 'scout', 'agronomist', 'admin', 'service'] as const
/** What a caller may do in its workspace, in one word. */
export const Role = z.enum(ROLES)
export type Role = z.infer<typeof Role>

export const RIGHTS = [
  'read',
  'sync',
  'sync.push',
  'observations.write',
  'observations.correct',
  'observations.writeForOthers',
  'playbooks.patch',
  'audit.read',
  'admin',
] as const
/** One thing a caller may be allowed to do. `sync` alone pulls; `sync.push` also sends records. */
export type Right = (typeof RIGHTS)[number]

/** Who may do what (ACC-7 to ACC-11). Every cell is written out, so that a new role or right must be decided. */
export const ROLE_RIGHTS: Readonly<Record<Role, Readonly<Record<Right, boolean>>>> = {
  viewer: {
    read: true,
    sync: true,
    'sync.push': false,
    'observations.write': false,
    'observations.correct': false,
    'observations.writeForOthers': false,
    'playbooks.patch': false,
    'audit.read': false,
    admin: false,
  },
  scout: {
    read: true,
    sync: true,
    'sync.push': true,
    'observations.write': true,
    'observations.correct': false,
    'observations.writeForOthers': false,
    'playbooks.patch': false,
    'audit.read': false,
    admin: false,
  },
  agronomist: {
    read: true,
    sync: true,
    'sync.push': true,
    'observations.write': true,
    'observations.correct': true,
    'observations.writeForOthers': false,
    'playbooks.patch': true,
    'audit.read': true,
    admin: false,
  },
  admin: {
    read: true,
    sync: true,
    'sync.push': true,
    'observations.write': true,
    'observations.correct': true,
    'observations.writeForOthers': true,
    'playbooks.patch': true,
    'audit.read': true,
    admin: true,
  },
  // Writes only for itself and for the devices it was granted, see mayWriteFor.
  service: {
    read: true,
    sync: true,
    'sync.push': true,
    'observations.write': true,
    'observations.correct': false,
    'observations.writeForOthers': false,
    'playbooks.patch': false,
    'audit.read': false,
    admin: false,
  },
}
