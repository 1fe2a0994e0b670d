import { changeSettings } from '@fieldsync/services'
import { describe, expect, it } from 'vitest'

import { totp } from '../testing/browser.ts'
import { PASSWORD, peopleApi } from '../testing/people-api.ts'

const api = await peopleApi()

describe('a second factor', () => {
  it('[PEO-22, WSP-8] is needed in a workspace that requires it, by whoever has none, from the next request on', async () => {
    const own = await api.workspace()
    const elsewhere = await api.workspace()
    const admin = await api.person(own, 'admin')
    const scout = await api.person(own, 'scout')
    await scout.browser.post('/auth/accept', { code: await api.invited(elsewhere, scout.email, 'viewer') })
    const session = (who: typeof scout, workspace = own) =>
      who.browser.get('/v1/session', { 'x-workspace-id': workspace })
    const set = (secondFactor: string, key: string, baseVersion = 0) =>
      admin.browser.post(
        '/v1/workspace/settings:change',
        { baseVersion, secondFactor },
        { 'idempotency-key': key, 'x-workspace-id': own },
      )
    const setUp = async (who: typeof scout) => {
      const { body } = await who.browser.post('/auth/two-factor:start', { password: PASSWORD })
      const confirm = { code: totp(String(body['secret']), Date.now()) }
      expect((await who.browser.post('/auth/two-factor:confirm', confirm)).status).toBe(200)
    }
    expect((await set('required', 'a')).refusal).toBe('no_second_factor')
    expect((await session(scout)).status).toBe(200)
    await setUp(admin)
    expect((await set('required', 'b')).body).toMatchObject({ secondFactor: 'required', version: 1 })
    const refused = await session(scout)
    expect([refused.status, refused.refusal]).toEqual([403, 'second_factor'])
    expect((await session(scout, elsewhere)).status).toBe(200)
    expect((await session(admin)).status).toBe(200)
    expect(
      (await api.browser().post('/auth/sign-in', { email: scout.email, password: PASSWORD })).body,
    ).toEqual({
      ok: true,
    })
    await setUp(scout)
    expect((await session(scout)).status).toBe(200)
    await scout.browser.post('/auth/two-factor:disable', { password: PASSWORD })
    expect((await session(scout)).refusal).toBe('second_factor')
    expect((await set('optional', 'c', 1)).body).toMatchObject({ secondFactor: 'optional' })
    expect((await session(scout)).status).toBe(200)
  })

  it('[PEO-22] requiring it ends the rights by which writes under way were decided', async () => {
    const own = await api.workspace()
    const { deviceId } = await api.person(own, 'agronomist')
    const epoch = async () =>
      (
        await api.runtime.db.pool.query(
          'SELECT epoch FROM devices WHERE workspace_id = $1 AND device_id = $2',
          [own, deviceId],
        )
      ).rows[0] as unknown
    const before = await epoch()
    const input = { baseVersion: 0, secondFactor: 'required' } as const
    await changeSettings({ ctx: await api.system(own), input })
    expect(await epoch()).not.toEqual(before)
  })
})
