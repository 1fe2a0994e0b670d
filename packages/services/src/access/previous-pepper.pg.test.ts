import { randomBytes } from 'node:crypto'

import { DeviceId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import type { ServiceContext } from '../core/context.ts'
import { Runtime } from '../core/runtime.ts'
import { createDevice } from '../devices/create.ts'
import { ensureConfiguredDevices } from '../devices/ensure-configured.ts'
import { reissueToken } from '../devices/reissue-token.ts'
import { interruptedDatabase } from '../testing/interrupted-database.ts'
import { testServices } from '../testing/test-workspace.ts'
import { authenticate, type Credentials } from './authenticate.ts'
import { hashToken } from './device-token.ts'
import { usePreviousPepper } from './previous-pepper.ts'

const services = await testServices()
const { db } = services
const before = services.pepper
const after = randomBytes(32)
/** The servers of a rotation: before it, one that has the new pepper, and one when it is over. */
const old = services.runtime
const both = new Runtime({ db, pepper: after, previousPepper: before })
const done = new Runtime({ db, pepper: after })
/** What servers are restarted with first where there are several. */
const prepared = new Runtime({ db, pepper: before, previousPepper: after })

const at = (runtime: Runtime) => ({ ...services.admin, runtime })
const call = (runtime: Runtime, credentials: Partial<Credentials>, fromMemory = false) =>
  authenticate({
    ctx: at(runtime),
    credentials: { deviceToken: undefined, bearer: undefined, ...credentials },
    fromMemory,
  })
const refused = (reason: string) => ({ code: 'AUTH_REQUIRED', details: { reason } })
const tokensLeft = async (): Promise<number | undefined> =>
  (await usePreviousPepper({ ctx: at(both) }))?.tokens

describe('a token of the previous pepper', () => {
  it.each([
    ['X-Device-Token', (token: string) => ({ deviceToken: token })],
    ['Authorization', (token: string) => ({ bearer: token })],
    ['both headers', (token: string) => ({ deviceToken: token, bearer: token })],
  ])('[ACC-22] is accepted in %s, and is one of the present pepper from then on', async (_, credentials) => {
    const { token, actor } = await (await services.workspace()).device('dev_scout_1')
    await expect(call(done, credentials(token))).rejects.toMatchObject(refused('invalid'))
    const { deviceId, workspaceId } = actor
    expect(await call(both, credentials(token))).toMatchObject({ deviceId, workspaceId })
    expect(await call(done, credentials(token))).toMatchObject({ deviceId, workspaceId })
    await expect(call(old, credentials(token))).rejects.toMatchObject(refused('invalid'))
    expect(await call(prepared, credentials(token))).toMatchObject({ deviceId, workspaceId })
  })

  it('[ACC-22] is accepted at every server, whichever of two peppers is the present one there, all at once', async () => {
    const { token, actor } = await (await services.workspace()).device('dev_scout_1')
    const calls = Array.from({ length: 40 }, (_, index) =>
      call(index % 2 === 0 ? both : prepared, { deviceToken: token }),
    )
    for (const caller of await Promise.all(calls)) expect(caller).toMatchObject({ deviceId: actor.deviceId })
  })

  it('[ACC-22] of a caller from memory is not read, and is when its rights are', async () => {
    const { token } = await (await services.workspace()).device('dev_scout_1')
    const runtime = new Runtime({ db, pepper: after, previousPepper: before })
    await call(runtime, { deviceToken: token }, true)
    await call(prepared, { deviceToken: token })
    const remembered = await call(runtime, { deviceToken: token }, true)
    expect(await remembered.confirm?.()).toMatchObject({ deviceId: 'dev_scout_1' })
  })

  it('[ACC-22] that was reissued ends the others at its first use', async () => {
    const device = await (await services.workspace()).device('dev_scout_1')
    const { workspaceId, deviceId } = device.actor
    const token = 'a-new-token-that-was-not-used-yet'
    await reissueToken({ ctx: await services.system(workspaceId), input: { deviceId, token } })
    expect(await call(both, { deviceToken: token })).toMatchObject({ deviceId })
    await expect(call(both, { deviceToken: device.token })).rejects.toMatchObject(refused('revoked'))
    expect(await call(done, { deviceToken: token })).toMatchObject({ deviceId })
  })

  it('[ACC-22] that is unknown costs one statement, as without a previous pepper', async () => {
    const statements: string[] = []
    const counted = interruptedDatabase(db, (statement) => void statements.push(statement))
    const runtime = new Runtime({ db: counted, pepper: after, previousPepper: before })
    await expect(call(runtime, { deviceToken: 'unknown', bearer: 'also' })).rejects.toMatchObject(
      refused('invalid'),
    )
    expect(statements).toEqual(['credentials'])
  })

  it('[ACC-22] belongs to its device when another one is to have it', async () => {
    const workspace = await services.workspace()
    const { token } = await workspace.device('dev_scout_1')
    const ctx: ServiceContext = { ...(await services.system(workspace.workspaceId)), runtime: both }
    const input = { deviceId: DeviceId.parse('dev_scout_2'), role: 'scout', token } as const
    await expect(createDevice({ ctx, input })).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('[ACC-12][ACC-22] that has ended stays ended where DEVICE_TOKENS names it, also once the previous pepper is gone', async () => {
    const workspace = await services.workspace()
    const { token, actor } = await workspace.device('dev_scout_1')
    const { workspaceId, deviceId, role } = actor
    await services.owner.pool.query('UPDATE device_tokens SET revoked_at = now() WHERE token_hash = $1', [
      hashToken(before, token),
    ])
    for (const runtime of [both, done]) {
      const input = [{ workspaceId, deviceId, role, token }]
      const [result] = await ensureConfiguredDevices({ ctx: at(runtime), input })
      expect(result).toMatchObject({ outcome: 'token_ended' })
    }
    await expect(call(done, { deviceToken: token })).rejects.toMatchObject(refused('revoked'))
  })

  it('[ACC-22] is counted until it is used, has ended, or its device is revoked', async () => {
    const workspace = await services.workspace()
    await usePreviousPepper({ ctx: at(old) })
    const start = (await tokensLeft()) ?? 0
    const [used, ended, revoked] = [
      await workspace.device('dev_used'),
      await workspace.device('dev_ended'),
      await workspace.device('dev_revoked'),
    ]
    // As an earlier build has left it.
    await services.owner.pool.query("UPDATE device_tokens SET pepper_id = NULL WHERE device_id = 'dev_used'")
    expect(await tokensLeft()).toBe(start + 3)
    await call(both, { deviceToken: used.token })
    expect(await tokensLeft()).toBe(start + 2)
    await revoked.revoke()
    await services.owner.pool.query(
      "UPDATE device_tokens SET revoked_at = now() WHERE device_id = 'dev_ended'",
    )
    expect(ended.actor.deviceId).toBe('dev_ended')
    expect(await tokensLeft()).toBe(start)
    expect(await usePreviousPepper({ ctx: at(old) })).toBeUndefined()
  })
})

it('[ACC-22] a previous pepper that opens no signing key is recognized, and one that nothing was made with is not', async () => {
  const now = services.clock.now()
  const isForeign = async (peppers: { pepper: Buffer; previousPepper: Buffer }) =>
    (await usePreviousPepper({ ctx: at(new Runtime({ db, ...peppers })) }))?.isForeign
  await services.owner.pool.query('DELETE FROM signing_keys')
  const neither = { pepper: randomBytes(32), previousPepper: randomBytes(32) }
  expect(await isForeign(neither)).toBe(false)
  await new Runtime({ db, pepper: before }).signingKeys.signing(now)
  expect(await isForeign(neither)).toBe(true)
  expect(await isForeign({ pepper: before, previousPepper: randomBytes(32) })).toBe(false)
})
