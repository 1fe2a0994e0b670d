import { expect, it } from 'vitest'

import { deviceIdOfPerson, newInvitationId, newPersonId } from './person-id.ts'

it('[PEO-4] the id of a person is usr_ and 26 letters and digits, each time another one', () => {
  const ids = [newPersonId(), newPersonId()]
  for (const id of ids) expect(id).toMatch(/^usr_[0-9a-z]{26}$/)
  expect(new Set(ids).size).toBe(2)
})

it('[PEO-4] the records of every workspace name dev_web_ and the same letters', () => {
  const id = newPersonId()
  expect(deviceIdOfPerson(id)).toBe(id.replace('usr_', 'dev_web_'))
  expect(deviceIdOfPerson('usr_usr_1')).toBe('dev_web_usr_1')
})

it('the id of an invitation is of the same form, under a beginning of its own', () => {
  expect(newInvitationId()).toMatch(/^inv_[0-9a-z]{26}$/)
})
