import { expect, it } from 'vitest'

import {
  audienceOf,
  CLIENT_ASSERTION_TYPE,
  clientIdOf,
  EcPublicJwk,
  NONCE_HEADER,
  PROOF_HEADER,
  readClientId,
  SCOPES,
  SCOPES_OF_ROLE,
  TOKEN_AUDIENCES,
} from './oauth.ts'

it('[IDS-3] a client id names workspace and device', () => {
  expect(clientIdOf('ws_ridge', 'dev_scout_1')).toBe('ws_ridge/dev_scout_1')
  expect(readClientId('ws_ridge/dev_scout_1')).toEqual({ workspaceId: 'ws_ridge', deviceId: 'dev_scout_1' })
})

it.each([
  '',
  '/',
  'ws_ridge',
  'ws_ridge/',
  '/dev_scout_1',
  'ws_ridge/dev_scout_1/',
  'ws_ridge/dev_scout_1/x',
  'ws_ridgedev_scout_1',
  'Ridge!/dev_scout_1',
  'ws_ridge/scout_1',
  'dev_scout_1/ws_ridge',
  ' ws_ridge/dev_scout_1',
])('[IDS-3] the client id “%s” names no device', (clientId) => {
  expect(readClientId(clientId)).toBeUndefined()
})

it('[ACC-23] each scope belongs to one audience', () => {
  expect(Object.fromEntries(SCOPES.map((scope) => [scope, audienceOf(scope)]))).toEqual({
    sync: 'api',
    read: 'api',
    admin: 'api',
    'weather:live': 'weather',
  })
  for (const scope of SCOPES) expect(TOKEN_AUDIENCES[audienceOf(scope)].scopes).toContain(scope)
})

it('[ACC-19] every role but admin has the scopes of a device, and admins all', () => {
  const ofDevices = ['sync', 'read', 'weather:live']
  expect(SCOPES_OF_ROLE).toEqual({
    viewer: ofDevices,
    scout: ofDevices,
    agronomist: ofDevices,
    admin: SCOPES,
  })
})

it('[ACC-15] headers and parameters are those of the RFCs', () => {
  expect([PROOF_HEADER, NONCE_HEADER]).toEqual(['dpop', 'dpop-nonce'])
  expect(CLIENT_ASSERTION_TYPE).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
})

it('[ACC-16] a public key has two coordinates of 32 bytes and nothing else', () => {
  const coordinate = 'A'.repeat(43)
  const key = { kty: 'EC', crv: 'P-256', x: coordinate, y: coordinate }
  expect(EcPublicJwk.parse(key)).toEqual(key)
  for (const wrong of [coordinate.slice(1), `${coordinate}A`, `${coordinate.slice(1)}+`, ''])
    expect(EcPublicJwk.safeParse({ ...key, y: wrong }).error?.issues[0]?.message, wrong).toBe(
      'must be 32 bytes in base64url',
    )
  for (const other of [{ d: coordinate }, { kid: '1' }, { kty: 'OKP' }, { crv: 'P-384' }])
    expect(EcPublicJwk.safeParse({ ...key, ...other }).success).toBe(false)
})
