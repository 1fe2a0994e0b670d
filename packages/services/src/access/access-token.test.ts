import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'

import { isAccessToken, signAccessToken, verifyAccessToken } from './access-token.ts'

const START = Date.parse('2026-02-12T08:00:00Z')
const { publicKey, privateKey } = await generateKeyPair('ES256')
const signingKeys = {
  signing: () => Promise.resolve({ kid: 'k1', privateKey }),
  publicKey: (kid: string) => Promise.resolve(kid === 'k1' ? publicKey : undefined),
}
const server = (seconds = 0, issuer = 'https://sync.example') => ({
  signingKeys,
  clock: { now: () => new Date(START + seconds * 1000) },
  issuer,
})
const device = {
  workspaceId: WorkspaceId.parse('ws_ridge'),
  deviceId: DeviceId.parse('dev_scout_1'),
  scopes: ['sync', 'read'],
  epoch: 3,
  thumbprint: 'of-a-key',
} as const
const refused = (reason: string) => ({
  code: 'AUTH_REQUIRED',
  message: expect.stringMatching(reason === 'expired' ? 'has expired' : 'not one of this server'),
  details: { reason },
})

describe('an access token', () => {
  it('[ACC-13] says of its device what does not change in ten minutes', async () => {
    const text = await signAccessToken(server(), device)
    expect(await verifyAccessToken(server(), text)).toEqual({
      ...device,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      expiresAt: START + 600_000,
    })
    expect(decodeProtectedHeader(text)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' })
    expect(decodeJwt(text)).toMatchObject({
      iss: 'https://sync.example',
      aud: 'https://sync.example',
      sub: 'ws_ridge/dev_scout_1',
      client_id: 'ws_ridge/dev_scout_1',
      scope: 'sync read',
      iat: START / 1000,
      exp: START / 1000 + 600,
    })
    const other = decodeJwt(await signAccessToken(server(), device))
    expect(other.jti).not.toBe(decodeJwt(text).jti)
  })

  it('[ACC-16] is valid for ten minutes, at its server alone', async () => {
    const text = await signAccessToken(server(), device)
    await verifyAccessToken(server(599), text)
    await expect(verifyAccessToken(server(600), text)).rejects.toMatchObject(refused('expired'))
    const elsewhere = server(0, 'https://other.example')
    await expect(verifyAccessToken(elsewhere, text)).rejects.toMatchObject(refused('invalid'))
  })

  it.each([
    ['another type', { typ: 'JWT' }, {}],
    ['an unknown key', { kid: 'k2' }, {}],
    ['no key', { kid: undefined }, {}],
    ['another audience', {}, { aud: 'https://other.example' }],
    ['no expiry', {}, { exp: undefined }],
    ['no key to prove', {}, { cnf: undefined }],
    ['a key without a thumbprint', {}, { cnf: {} }],
    ['no workspace', {}, { wsp: undefined }],
    ['no device', {}, { dev: 'anna' }],
    ['no epoch', {}, { ep: '3' }],
  ])('[ACC-16] with %s is refused, although it is signed', async (_, header, claims) => {
    const payload = decodeJwt(await signAccessToken(server(), device))
    const text = await new SignJWT(without({ ...payload, ...claims }))
      .setProtectedHeader({ ...without({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', ...header }), alg: 'ES256' })
      .sign(privateKey)
    await expect(verifyAccessToken(server(), text)).rejects.toMatchObject(refused('invalid'))
  })

  it('[ACC-16] that cannot be verified now is not called invalid', async () => {
    const text = await signAccessToken(server(), device)
    const down = { ...signingKeys, publicKey: () => Promise.reject(new Error('the database is down')) }
    await expect(verifyAccessToken({ ...server(), signingKeys: down }, text)).rejects.toThrow(
      'the database is down',
    )
  })

  it('[ACC-19] has of unknown scopes none', async () => {
    const payload = decodeJwt(await signAccessToken(server(), device))
    const text = await new SignJWT({ ...payload, scope: 'read everything' })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' })
      .sign(privateKey)
    expect((await verifyAccessToken(server(), text)).scopes).toEqual(['read'])
  })

  it('[ACC-16] is known by its form, whoever signed it', async () => {
    expect(isAccessToken(await signAccessToken(server(), device))).toBe(true)
    for (const text of ['', 'fsd_token', 'a.b.c', 'eyJ0eXAiOiJKV1QifQ.e30.x'])
      expect(isAccessToken(text)).toBe(false)
  })
})

/** Without what is undefined. */
const without = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
