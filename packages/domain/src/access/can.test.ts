import { DeviceId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { type ActorName, ACTORS } from '../testing/actors.ts'
import { can, mayChange, mayWriteFor } from './can.ts'
import { type Right, RIGHTS, Role, ROLES } from './roles.ts'

const SCOUT: Right[] = ['read', 'sync', 'sync.push', 'observations.write']
const RIGHTS_OF: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ['read', 'sync'],
  scout: SCOUT,
  agronomist: [...SCOUT, 'observations.correct', 'playbooks.patch', 'playbooks.publish', 'audit.read'],
  admin: RIGHTS,
  service: SCOUT,
}

describe('can', () => {
  for (const role of ROLES) {
    it(`[ACC-7, ACC-8, ACC-10, ACC-11] ${role}: ${RIGHTS_OF[role].join(', ')}`, () => {
      const actor = { ...ACTORS.author, role }
      expect(RIGHTS.filter((right) => can(actor, right)).toSorted()).toEqual([...RIGHTS_OF[role]].toSorted())
    })
  }

  it('the system may do everything, whatever its role', () => {
    expect(RIGHTS.filter((right) => can(ACTORS.system, right))).toEqual(RIGHTS)
  })

  it('knows the roles by name only', () => {
    expect(Role.options).toEqual(ROLES)
    expect(Role.safeParse('owner').success).toBe(false)
  })
})

const author = DeviceId.parse('dev_author')
const MAY: Readonly<Record<ActorName, { create: boolean; change: boolean }>> = {
  author: { create: true, change: true },
  otherScout: { create: false, change: false },
  agronomist: { create: false, change: true },
  admin: { create: true, change: true },
  grantedService: { create: true, change: false },
  otherService: { create: false, change: false },
  authorNowViewer: { create: false, change: false },
  system: { create: true, change: true },
}
const names = Object.keys(MAY) as ActorName[]

it.each(names)("[OBS-1, OBS-5, ACC-8, ACC-10, ACC-11] %s and the author's records", (name) => {
  expect({ create: mayWriteFor(ACTORS[name], author), change: mayChange(ACTORS[name], author) }).toEqual(
    MAY[name],
  )
})

it('[REC-5] a record of an unknown author is changed only by those who may correct', () => {
  expect(names.filter((name) => mayChange(ACTORS[name], undefined))).toEqual([
    'agronomist',
    'admin',
    'system',
  ])
})

it('[OBS-1] a service without a grant writes for itself alone', () => {
  const { grantedDevices: _none, ...service } = ACTORS.otherService
  expect(mayWriteFor(service, author)).toBe(false)
  expect(mayWriteFor(service, service.deviceId)).toBe(true)
})

it('a grant is worth nothing to a caller that is no service', () => {
  expect(mayWriteFor({ ...ACTORS.otherScout, grantedDevices: [author] }, author)).toBe(false)
})
