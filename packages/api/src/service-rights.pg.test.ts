import { type CreatedService, OPERATIONS } from '@fieldsync/contracts'
import { DeviceKey, observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { NOW, realApi } from './testing/real-api.ts'
import { bodyOf, refused, type ServiceFarm, serviceFarms } from './testing/service-farm.ts'
import { type Call, overRest } from './testing/transports.ts'

const api = await realApi()
const { farm, bearerOf, call, create, session } = serviceFarms(api)

describe('what a service may do', () => {
  it('[ACC-24][SVC-6] it creates records for the devices that it is granted, as the audit says, and for no other', async () => {
    const { service, asAdmin } = await farm()
    const bearer = await bearerOf(service)
    const record = observation({ deviceId: 'dev_scout_1' })
    expect(await create(bearer, 'dev_scout_1', record)).toMatchObject({
      ok: true,
      answer: { deviceId: 'dev_scout_1' },
    })
    for (const deviceId of ['dev_scout_2', 'dev_admin', 'dev_nobody'])
      expect(await create(bearer, deviceId)).toMatchObject(refused(403, 'device_mismatch'))
    const [entry] = (await asAdmin('audit.list', { limit: 1 })) as unknown as [Record<string, unknown>]
    expect(entry).toMatchObject({
      action: 'observations.create',
      actor: { kind: 'service', deviceId: 'dev_svc_import', role: 'service' },
    })
    // What it wrote is the device's: it is not the service's to change.
    const changed = {
      ...record,
      status: 'confirmed',
      rawNoteText: 'another',
      updatedAt: '2026-02-12T07:00:00Z',
    }
    expect(await create(bearer, 'dev_scout_1', changed as typeof record)).toMatchObject(refused(403, 'role'))
  })

  it('[SVC-6][OPS-53] a grant acts on its next request, and so does its end', async () => {
    const { service, asAdmin } = await farm()
    const bearer = await bearerOf(service)
    const grant = (deviceIds: string[]) =>
      asAdmin('services.grant', { serviceId: 'dev_svc_import', deviceIds })
    expect(await grant(['dev_scout_2', 'dev_scout_1', 'dev_scout_2'])).toEqual({
      serviceId: 'dev_svc_import',
      scopes: ['sync', 'read'],
      deviceIds: ['dev_scout_1', 'dev_scout_2'],
      changed: true,
    })
    expect(await create(bearer, 'dev_scout_2')).toMatchObject({ ok: true })
    expect(await grant(['dev_scout_1', 'dev_scout_2'])).toMatchObject({ changed: false })
    await grant([])
    for (const deviceId of ['dev_scout_1', 'dev_scout_2'])
      expect(await create(bearer, deviceId)).toMatchObject(refused(403, 'device_mismatch'))
  })

  it('[SVC-6] a revoked device is written for by nobody, until it is readmitted', async () => {
    const { service, workspaceId, asAdmin } = await farm()
    const bearer = await bearerOf(service)
    await api.revoke(workspaceId, 'dev_scout_1')
    expect(await create(bearer, 'dev_scout_1')).toMatchObject(refused(403, 'device_mismatch'))
    await asAdmin('devices.readmit', { deviceId: 'dev_scout_1' })
    expect(await create(bearer, 'dev_scout_1')).toMatchObject({ ok: true })
  })

  it('[SVC-3][ACC-19] its scopes decide what it may call, and other ones end its tokens', async () => {
    const { service, asAdmin } = await farm({ scopes: ['read', 'weather:live'] })
    const bearer = await bearerOf(service)
    expect(await create(bearer, 'dev_scout_1')).toMatchObject(refused(403, 'scope'))
    const list = (token: string) => call(token, 'observations.list', {})
    expect(await list(bearer)).toMatchObject({ ok: true })
    expect(await bodyOf(await api.secretToken(service, 'weather:live'))).toMatchObject({ expires_in: 300 })
    await asAdmin('services.grant', { serviceId: 'dev_svc_import', scopes: ['sync'] })
    expect(await list(bearer)).toMatchObject(refused(401, 'expired'))
    const next = await bearerOf(service)
    expect(await list(next)).toMatchObject(refused(403, 'scope'))
    expect(await create(next, 'dev_scout_1')).toMatchObject({ ok: true })
  })

  it('[ACC-5] never acts in another workspace, where a service has the same name', async () => {
    const [one, other] = [await farm(), await farm()]
    const bearer = await bearerOf(one.service)
    const record = observation({ deviceId: 'dev_scout_1' })
    expect(await create(bearer, 'dev_scout_1', record)).toMatchObject({ ok: true })
    const [theirs] = (await other.asAdmin('observations.list', {})) as unknown as unknown[]
    expect(theirs).toBeUndefined()
    const { clientSecret } = one.service
    expect(await bodyOf(await api.secretToken({ ...other.service, clientSecret }))).toMatchObject({
      status: 401,
      error: 'invalid_client',
    })
    await other.asAdmin('services.revoke', { serviceId: 'dev_svc_import' })
    expect(await create(bearer, 'dev_scout_1')).toMatchObject({ ok: true })
  })
})

describe('rotation', () => {
  const rotate = async ({ asAdmin, service }: ServiceFarm, options: object = {}): Promise<CreatedService> => {
    const answer = await asAdmin('services.rotate', { serviceId: service.serviceId, ...options })
    return { ...service, ...answer }
  }
  const status = async (service: CreatedService): Promise<number> => (await api.secretToken(service)).status

  it('[SVC-5][OPS-52] the earlier secret and its tokens end at the first use of the new one, of which one is enough', async () => {
    const mine = await farm()
    const early = await bearerOf(mine.service)
    const unused = await rotate(mine)
    const next = await rotate(mine)
    expect([await status(mine.service), await status(unused)]).toEqual([200, 401])
    expect(await session(early)).toMatchObject({ ok: true })
    const tokens = await Promise.all(Array.from({ length: 5 }, () => bearerOf(next)))
    for (const bearer of tokens) expect(await session(bearer)).toMatchObject({ ok: true })
    expect(await bodyOf(await api.secretToken(mine.service))).toMatchObject({
      status: 401,
      reason: 'revoked',
    })
    expect(await session(early)).toMatchObject(refused(401, 'expired'))
    const entries = (await mine.asAdmin('audit.list', {})) as unknown as { action: string }[]
    expect(entries.map(({ action }) => action).filter((each) => each.startsWith('service.'))).toEqual([
      'service.start_secret',
      'service.rotate',
      'service.rotate',
      'service.create',
    ])
  })

  it('[SVC-5] after a leak the earlier secret and its tokens end at once', async () => {
    const mine = await farm()
    const early = await bearerOf(mine.service)
    const next = await rotate(mine, { endPrevious: 'now' })
    expect(await status(mine.service)).toBe(401)
    expect(await session(early)).toMatchObject(refused(401, 'expired'))
    expect(await session(await bearerOf(next))).toMatchObject({ ok: true })
  })

  it('[SVC-5] a key takes the place of a secret, another key that of the key, and none comes back', async () => {
    const mine = await farm()
    const [one, two] = [await DeviceKey.generate(), await DeviceKey.generate()]
    const { clientId } = mine.service
    await rotate(mine, { publicKeyJwk: one.publicJwk })
    expect(await status(mine.service)).toBe(200)
    await api.accessToken(one, clientId)
    expect(await status(mine.service)).toBe(401)
    await rotate(mine, { publicKeyJwk: two.publicJwk })
    const early = await api.accessToken(one, clientId)
    expect((await one.send(`${api.url}/v1/session`, { accessToken: early })).status).toBe(200)
    const tokens = await Promise.all(
      Array.from({ length: 3 }, () => two.token(api.url, clientId, { at: NOW })),
    )
    expect(tokens.some((each) => each.ok)).toBe(true)
    expect((await one.send(`${api.url}/v1/session`, { accessToken: early })).status).toBe(401)
    expect(await bodyOf(await one.token(api.url, clientId, { at: NOW }))).toMatchObject({
      status: 401,
      reason: 'revoked',
      action: 'authenticate',
    })
    await expect(rotate(mine, { publicKeyJwk: one.publicJwk })).rejects.toThrow('had it before')
    const [listed] = (await mine.asAdmin('services.list', {})) as unknown as [Record<string, unknown>]
    expect(listed).toMatchObject({
      serviceId: 'dev_svc_import',
      authentication: [{ kind: 'key', keyFingerprint: two.thumbprint, endsOthers: false }],
    })
    const back = await rotate(mine)
    expect(await status(back)).toBe(200)
    expect((await two.token(api.url, clientId, { at: NOW })).status).toBe(401)
  })

  it('[SVC-7, ACC-1][OPS-54] a revoked service is refused from its next request on, and stays so', async () => {
    const mine = await farm()
    const bearer = await bearerOf(mine.service)
    expect(await session(bearer)).toMatchObject({ ok: true })
    const revoked = await mine.asAdmin('services.revoke', { serviceId: 'dev_svc_import' })
    expect(revoked).toMatchObject({ alreadyRevoked: false })
    expect(await session(bearer)).toMatchObject(refused(401, 'revoked', 'authenticate'))
    expect(await bodyOf(await api.secretToken(mine.service))).toMatchObject({
      status: 401,
      reason: 'revoked',
      action: 'authenticate',
    })
    await expect(rotate(mine)).rejects.toThrow('is revoked')
    await expect(
      mine.asAdmin('services.create', { serviceId: 'dev_svc_import', scopes: ['read'] }),
    ).rejects.toThrow('exists already')
    const again = await mine.asAdmin('services.revoke', { serviceId: 'dev_svc_import' })
    expect(again).toMatchObject({ alreadyRevoked: true })
  })
})

it('[OPS-51] services are listed by id, in pages, revoked ones too, and without any secret', async () => {
  const { workspaceId, service } = await farm()
  const key = await DeviceKey.generate()
  for (const [serviceId, publicKeyJwk] of [
    ['dev_svc_a', undefined],
    ['dev_svc_z', key.publicJwk],
  ] as const)
    await api.service(workspaceId, { serviceId, scopes: ['weather:live'], publicKeyJwk })
  const token = await api.device(workspaceId, 'dev_admin_2', 'admin')
  const revoke = { operation: 'services.revoke', token, input: { serviceId: 'dev_svc_a' }, key: 'r' } as const
  expect(await overRest(api.url, revoke)).toMatchObject({ ok: true })
  const page = (input: Call['input']) => overRest(api.url, { operation: 'services.list', token, input })
  const first = await page({ limit: 2 })
  const createdAt = NOW.toISOString()
  expect(first).toMatchObject({
    answer: [
      { serviceId: 'dev_svc_a', revokedAt: createdAt, authentication: [] },
      {
        serviceId: 'dev_svc_import',
        clientId: service.clientId,
        scopes: ['sync', 'read'],
        deviceIds: ['dev_scout_1'],
        createdAt,
        revokedAt: null,
        authentication: [{ kind: 'secret', keyFingerprint: null, createdAt, endsOthers: false }],
      },
    ],
    nextCursor: 'sdev_svc_import',
  })
  const { nextCursor } = first as { nextCursor: string }
  expect(await page({ cursor: nextCursor })).toMatchObject({
    answer: [{ serviceId: 'dev_svc_z', authentication: [{ kind: 'key', keyFingerprint: key.thumbprint }] }],
    nextCursor: null,
  })
  for (const cursor of ['sdev_a', 'k1', 'dev_svc_a'])
    expect(await page({ cursor })).toMatchObject({ ok: false, status: 400 })
  expect(JSON.stringify(first)).not.toContain('fss_')
})

it('[SVC-3] every operation on services is one of admins', () => {
  const ofServices = Object.entries(OPERATIONS).filter(([name]) => name.startsWith('services.'))
  expect(ofServices.map(([, { right, scopes }]) => [right, scopes])).toEqual(
    ofServices.map(() => ['admin', ['admin']]),
  )
})
