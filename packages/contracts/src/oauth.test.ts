import { expect, it } from 'vitest'

import { audienceOf, clientIdOf, readClientId, SCOPES, TOKEN_AUDIENCES } from './oauth.ts'

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
