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
/** The text of a token. */
const sign = async (of: Parameters<typeof signAccessToken>[1] = device): Promise<string> =>
  (await signAccessToken(server(), of)).text
const refused = (reason: string) => ({
  code: 'AUTH_REQUIRED',
  message: expect.stringMatching(reason === 'expired' ? 'has expired' : 'not one of this server'),
  details: { reason },
})

describe('an access token', () => {
  it('[ACC-13] says of its device what does not change in ten minutes', async () => {
    const text = await sign()
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
    const other = decodeJwt(await sign())
    expect(other.jti).not.toBe(decodeJwt(text).jti)
  })

  it('[ACC-19] of a service that has a secret is bound to no key, and may have no scope', async () => {
    const service = { ...device, scopes: [], thumbprint: undefined }
    const { text, expiresIn } = await signAccessToken(server(), service)
    expect(expiresIn).toBe(600)
    expect(decodeJwt(text)).not.toHaveProperty('cnf')
    expect(await verifyAccessToken(server(), text)).toMatchObject({ scopes: [], thumbprint: undefined })
  })

  it('[ACC-16] is valid for ten minutes, at its server alone', async () => {
    const text = await sign()
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
    ['a key without a thumbprint', {}, { cnf: {} }],
    ['no workspace', {}, { wsp: undefined }],
    ['no device', {}, { dev: 'anna' }],
    ['no epoch', {}, { ep: '3' }],
  ])('[ACC-16] with %s is refused, although it is signed', async (_, header, claims) => {
    const payload = decodeJwt(await sign())
    const text = await new SignJWT(without({ ...payload, ...claims }))
      .setProtectedHeader({ ...without({ alg: 'ES256', typ: 'at+jwt', kid: 'k1', ...header }), alg: 'ES256' })
      .sign(privateKey)
    await expect(verifyAccessToken(server(), text)).rejects.toMatchObject(refused('invalid'))
  })

  it('[ACC-16] that cannot be verified now is not called invalid', async () => {
    const text = await sign()
    const down = { ...signingKeys, publicKey: () => Promise.reject(new Error('the database is down')) }
    await expect(verifyAccessToken({ ...server(), signingKeys: down }, text)).rejects.toThrow(
      'the database is down',
    )
  })

  it('[ACC-23] for live weather is valid for five minutes, there alone, and has no other scope', async () => {
    const live = { ...device, scopes: ['weather:live'] } as const
    const { text, expiresIn } = await signAccessToken(server(), live)
    expect(expiresIn).toBe(300)
    expect(decodeJwt(text)).toMatchObject({ aud: 'https://sync.example/v1/weather', exp: START / 1000 + 300 })
    expect(await verifyAccessToken(server(299), text, 'weather')).toMatchObject(live)
    await expect(verifyAccessToken(server(300), text, 'weather')).rejects.toMatchObject(refused('expired'))
    await expect(verifyAccessToken(server(), text)).rejects.toMatchObject(refused('invalid'))
    await expect(verifyAccessToken(server(), await sign(), 'weather')).rejects.toMatchObject(
      refused('invalid'),
    )
    const more = await new SignJWT({ ...decodeJwt(text), scope: 'weather:live read' })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' })
      .sign(privateKey)
    expect((await verifyAccessToken(server(), more, 'weather')).scopes).toEqual(['weather:live'])
  })

  it('[ACC-19] has of unknown scopes none', async () => {
    const payload = decodeJwt(await sign())
    const text = await new SignJWT({ ...payload, scope: 'read everything' })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' })
      .sign(privateKey)
    expect((await verifyAccessToken(server(), text)).scopes).toEqual(['read'])
  })

  it('[ACC-16] is known by its form, whoever signed it', async () => {
    expect(isAccessToken(await sign())).toBe(true)
    for (const text of ['', 'fsd_token', 'a.b.c', 'eyJ0eXAiOiJKV1QifQ.e30.x'])
      expect(isAccessToken(text)).toBe(false)
  })
})

/** Without what is undefined. */
const without = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
