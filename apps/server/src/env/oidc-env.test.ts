import { expect, it } from 'vitest'

import { readServerEnv } from './server-env.ts'

const WHOLE = {
  OIDC_ISSUER: 'https://login.example.com/realms/vineyard',
  OIDC_CLIENT_ID: 'fieldsync',
  OIDC_CLIENT_SECRET: 'not-a-secret-at-all',
}

it('[PEO-17] a provider is configured whole, with roles for groups', () => {
  const OIDC_ROLES = 'ws_ridge:Vineyard leads=admin, ws_ridge:cn=all,ou=x=viewer'
  expect(readServerEnv(WHOLE).provider).toMatchObject({
    id: 'oidc',
    name: 'Single sign-on',
    scopes: ['openid', 'profile', 'email'],
    groupsClaim: 'groups',
    roles: [],
  })
  expect(readServerEnv({ ...WHOLE, OIDC_ROLES: 'ws_ridge:Vineyard leads=admin' }).provider?.roles).toEqual([
    { workspaceId: 'ws_ridge', group: 'Vineyard leads', role: 'admin' },
  ])
  expect(() => readServerEnv({ ...WHOLE, OIDC_ROLES })).toThrow('OIDC_ROLES')
  expect(readServerEnv({}).provider).toBeUndefined()
})

it('[PEO-17] names what is missing or wrong, and never the secret', () => {
  const failure = (part: object): string => {
    try {
      readServerEnv({ ...WHOLE, ...part })
      return ''
    } catch (error) {
      return String(error)
    }
  }
  expect(failure({ OIDC_ISSUER: undefined })).toContain('OIDC_ISSUER')
  expect(failure({ OIDC_ISSUER: 'http://login.example.com' })).toContain('OIDC_ISSUER')
  expect(failure({ OIDC_ISSUER: 'http://127.0.0.1:4000' })).toBe('')
  expect(failure({ OIDC_ROLES: 'ws_ridge:all=owner' })).toContain('OIDC_ROLES')
  expect(failure({ OIDC_ID: 'Not an id' })).toContain('OIDC_ID')
  expect(failure({ OIDC_ID: 'Not an id' })).not.toContain(WHOLE.OIDC_CLIENT_SECRET)
})
