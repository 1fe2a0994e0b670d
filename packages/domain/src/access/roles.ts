import type { Right, Role } from '@fieldsync/contracts'

export { type Right, RIGHTS, Role, ROLES } from '@fieldsync/contracts'

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
    'playbooks.publish': false,
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
    'playbooks.publish': false,
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
    'playbooks.publish': true,
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
    'playbooks.publish': true,
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
    'playbooks.publish': false,
    'audit.read': false,
    admin: false,
  },
}
