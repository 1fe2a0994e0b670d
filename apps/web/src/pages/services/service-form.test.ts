import { DeviceId, ServiceId } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import {
  createInputOf,
  grantChangeOf,
  readPublicKey,
  serviceProblems,
  type ServiceValues,
  shownDevices,
} from './service-form.ts'

const coordinate = 'A'.repeat(43)
const JWK = { kty: 'EC', crv: 'P-256', x: coordinate, y: coordinate }

const values = (part: Partial<ServiceValues>): ServiceValues => ({
  serviceId: 'dev_svc_erp',
  scopes: ['read'],
  deviceIds: [],
  way: 'secret',
  publicKey: '',
  ...part,
})

it('[APP-97] a new service is checked field by field, in the order of the form', () => {
  expect(serviceProblems(values({}))).toEqual({})
  expect(serviceProblems(values({ serviceId: 'dev_svc_', scopes: [], way: 'key', publicKey: '{' }))).toEqual({
    serviceId: 'id',
    scopes: 'scopes',
    publicKey: 'key',
  })
  expect(Object.keys(serviceProblems(values({ serviceId: 'dev_erp', scopes: [] })))).toEqual([
    'serviceId',
    'scopes',
  ])
  // Typed, and then not chosen.
  expect(serviceProblems(values({ publicKey: '{' }))).toEqual({})
})

it('[APP-97, SVC-1] a private key never leaves the browser, and a public one leaves without what programs add to it', () => {
  const privateKey = JSON.stringify({ ...JWK, d: coordinate })
  expect(readPublicKey(privateKey)).toEqual({ problem: 'privateKey' })
  expect(readPublicKey(JSON.stringify({ ...JWK, kid: '1', use: 'sig', alg: 'ES256' }))).toEqual({
    publicKeyJwk: JWK,
  })
  for (const text of ['', 'null', '[]', '"key"', '{}', JSON.stringify({ ...JWK, crv: 'P-384' })])
    expect(readPublicKey(text)).toEqual({ problem: 'key' })
})

it('[APP-97] the call has what was chosen, and a key only where one was', () => {
  expect(createInputOf(values({}))).toEqual({ serviceId: 'dev_svc_erp', scopes: ['read'] })
  const keyed = values({ scopes: ['sync'], deviceIds: ['dev_a'], way: 'key', publicKey: JSON.stringify(JWK) })
  expect(createInputOf(keyed)).toEqual({
    serviceId: 'dev_svc_erp',
    scopes: ['sync'],
    deviceIds: ['dev_a'],
    publicKeyJwk: JWK,
  })
  expect(createInputOf({ ...keyed, way: 'secret' })).not.toHaveProperty('publicKeyJwk')
})

it('[APP-97, SVC-6] a change of access names what differs alone, in whatever order it was chosen', () => {
  const stored = {
    serviceId: ServiceId.parse('dev_svc_erp'),
    scopes: ['sync' as const, 'read' as const],
    deviceIds: ['dev_a', 'dev_b'].map((id) => DeviceId.parse(id)),
  }
  const change = (scopes: string[], deviceIds: string[]) => grantChangeOf({ scopes, deviceIds }, stored)
  expect(change(['read', 'sync'], ['dev_b', 'dev_a'])).toBeUndefined()
  expect(change(['sync', 'read'], ['dev_a'])).toEqual({ serviceId: 'dev_svc_erp', deviceIds: ['dev_a'] })
  expect(change(['read'], ['dev_a', 'dev_b'])).toEqual({ serviceId: 'dev_svc_erp', scopes: ['read'] })
  expect(change(['sync', 'read'], ['dev_a', 'dev_c'])).toMatchObject({ deviceIds: ['dev_a', 'dev_c'] })
  // A service without a scope could do nothing: it is revoked instead.
  expect(change([], ['dev_a'])).toBeUndefined()
})

it('[APP-97] devices are found by a part of their name, and those that were chosen stay in sight', () => {
  const known = ['dev_north_1', 'dev_north_2', 'dev_south']
  expect(shownDevices(known, [], '')).toEqual(known)
  expect(shownDevices(known, ['dev_gone', 'dev_south'], ' NORTH')).toEqual([
    'dev_gone',
    'dev_south',
    'dev_north_1',
    'dev_north_2',
  ])
})
