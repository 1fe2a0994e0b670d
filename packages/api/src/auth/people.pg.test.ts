import { randomUUID } from 'node:crypto'

import { beforeAll, describe, expect, it } from 'vitest'

import { totp } from '../testing/browser.ts'
import { PASSWORD, peopleApi } from '../testing/people-api.ts'
import { NOW } from '../testing/real-api.ts'

const api = await peopleApi()
const workspaceId = await api.workspace()

const stored = async (sql: string, ...values: unknown[]) =>
  (await api.runtime.db.pool.query(sql, values)).rows

describe('signing in', () => {
  it('[PEO-2, PEO-3, PEO-6, PEO-7] the first person chooses name, address and password, once, and is an administrator', async () => {
    const own = await api.workspace()
    const code = await api.firstCode(own)
    const browser = api.browser()
    expect((await browser.post('/auth/invitation', { code })).body).toMatchObject({
      role: 'admin',
      email: null,
      accountExists: false,
    })
    const first = { code, name: 'Ana', email: 'Ana@Example.com', password: PASSWORD }
    const short = await browser.post('/auth/accept', { ...first, password: 'too short' })
    expect(short.refusal).toBe('VALIDATION_ERROR')
    const both = await Promise.all([
      browser.post('/auth/accept', first),
      api.browser().post('/auth/accept', { ...first, email: 'other@example.com' }),
    ])
    expect(both.map(({ status }) => String(status)).toSorted()).toEqual(['200', '410'])
    const signedIn = api.browser()
    const { email } = (
      await stored(
        'SELECT email FROM people WHERE id = (SELECT accepted_by FROM invitations WHERE workspace_id = $1)',
        own,
      )
    )[0] as { email: string }
    expect(
      (await signedIn.post('/auth/sign-in', { email: email.toUpperCase(), password: PASSWORD })).body,
    ).toEqual({ ok: true })
    const session = await signedIn.get('/auth/session')
    expect(session.body).toMatchObject({
      person: { name: 'Ana', twoFactor: false },
      workspaces: [{ workspaceId: own, role: 'admin' }],
      firstPerson: false,
    })
  })

  it('[PEO-4, PEO-5] a person calls the operations by their session, under an id of their own in each workspace', async () => {
    const { browser, personId, deviceId, email } = await api.person(workspaceId, 'agronomist')
    expect(personId.replace('usr_', 'dev_web_')).toBe(deviceId)
    expect((await browser.get('/v1/session')).body).toMatchObject({ deviceId, role: 'agronomist' })
    const second = await api.workspace()
    const code = await api.invited(second, email, 'viewer')
    expect((await browser.post('/auth/accept', { code })).body).toEqual({ ok: true, workspaceId: second })
    const of = (id: string) => browser.get('/v1/session', { 'x-workspace-id': id })
    expect((await of(second)).body).toMatchObject({ role: 'viewer', deviceId })
    expect((await browser.get('/v1/session')).body).toMatchObject({ workspace: { workspaceId: second } })
    expect((await of(workspaceId)).body).toMatchObject({ role: 'agronomist' })
    expect((await of(await api.workspace())).refusal).toBe('membership')
    expect((await of('ws_nowhere')).refusal).toBe('membership')
  })

  it('[PEO-5] a credential in a header counts alone, and never falls back to the cookie', async () => {
    const { browser } = await api.person(workspaceId, 'admin')
    const scout = await api.device(workspaceId, `dev_${randomUUID().slice(0, 8)}`, 'scout')
    const asScout = await browser.get('/v1/session', { 'x-device-token': scout })
    expect(asScout.body).toMatchObject({ role: 'scout' })
    expect((await browser.get('/v1/session', { 'x-device-token': 'no-such-token' })).refusal).toBe('invalid')
    expect((await browser.get('/v1/session', { authorization: 'Bearer none' })).status).toBe(401)
  })

  it('[PEO-10] begins a new session, whatever the browser brought, and stores no token', async () => {
    const { browser, email } = await api.person(workspaceId, 'scout')
    const before = browser.cookies.get('fieldsync_session') ?? ''
    const earlier = api.browser()
    earlier.cookies.set('fieldsync_session', before)
    await earlier.post('/auth/sign-in', { email, password: PASSWORD })
    const after = earlier.cookies.get('fieldsync_session') ?? ''
    expect(after).not.toBe(before)
    expect((await browser.get('/v1/session')).status).toBe(401)
    const found = JSON.stringify(await stored('SELECT * FROM person_sessions'))
    expect(found).not.toContain(after)
    const hashes = JSON.stringify(await stored('SELECT * FROM person_accounts'))
    expect(hashes).not.toContain(PASSWORD)
  })

  it('[PEO-10] answers a wrong password and an unknown address alike', async () => {
    const { email } = await api.person(workspaceId, 'scout')
    const wrong = await api.browser().post('/auth/sign-in', { email, password: 'something else' })
    const unknown = await api.browser().post('/auth/sign-in', { email: 'no@example.com', password: PASSWORD })
    expect([wrong.status, wrong.body['error']]).toMatchObject([401, { code: 'AUTH_REQUIRED' }])
    const shape = ({ body }: typeof wrong) => ({ ...(body['error'] as object), traceId: '' })
    expect(shape(unknown)).toEqual(shape(wrong))
    expect(api.log.some(({ fields }) => fields['reason'] === 'invalid')).toBe(true)
    expect(JSON.stringify(api.log)).not.toContain('something else')
  })

  it('[PEO-11] sessions are listed and ended, one or all others, and with them the password of before', async () => {
    const { browser, email } = await api.person(workspaceId, 'scout')
    const other = api.browser({ 'user-agent': 'Other' })
    await other.post('/auth/sign-in', { email, password: PASSWORD })
    const { sessions } = (await browser.get('/auth/sessions')).body as {
      sessions: { sessionId: string; current: boolean }[]
    }
    expect(sessions.map(({ current }) => String(current)).toSorted()).toEqual(['false', 'true'])
    const third = api.browser()
    await third.post('/auth/sign-in', { email, password: PASSWORD })
    await browser.post('/auth/sessions:end', { others: true })
    expect((await other.get('/v1/session')).status).toBe(401)
    const again = api.browser()
    await again.post('/auth/sign-in', { email, password: PASSWORD })
    const newPassword = 'another long password'
    expect((await browser.post('/auth/password', { currentPassword: 'wrong', newPassword })).status).toBe(401)
    expect((await browser.post('/auth/password', { currentPassword: PASSWORD, newPassword })).status).toBe(
      200,
    )
    expect((await again.get('/v1/session')).status).toBe(401)
    expect((await browser.get('/v1/session')).status).toBe(200)
    expect((await again.post('/auth/sign-in', { email, password: PASSWORD })).status).toBe(401)
    expect((await again.post('/auth/sign-in', { email, password: newPassword })).status).toBe(200)
    await browser.post('/auth/sign-out')
    expect((await browser.get('/v1/session')).status).toBe(401)
  })

  it('[PEO-11] a session ends after 30 days, and after 7 without use', async () => {
    const { browser, email } = await api.person(workspaceId, 'scout')
    const idle = api.browser()
    await idle.post('/auth/sign-in', { email, password: PASSWORD })
    const day = 86_400_000
    try {
      for (const days of [6, 12, 18, 24, 29]) {
        api.clock.time = new Date(NOW.getTime() + days * day)
        expect((await browser.get('/v1/session')).status).toBe(200)
        if (days === 12) expect((await idle.get('/v1/session')).status).toBe(401)
      }
      api.clock.time = new Date(NOW.getTime() + 30 * day)
      expect((await browser.get('/v1/session')).status).toBe(401)
    } finally {
      api.clock.time = NOW
    }
  })
})

describe('a second factor', () => {
  it('[PEO-13] is on once a code confirms it; a code works once, and so does a recovery code', async () => {
    const { browser, email } = await api.person(workspaceId, 'scout')
    expect((await browser.post('/auth/two-factor:start', { password: 'wrong' })).status).toBe(401)
    const started = await browser.post('/auth/two-factor:start', { password: PASSWORD })
    const { secret, uri, recoveryCodes } = started.body as {
      secret: string
      uri: string
      recoveryCodes: string[]
    }
    expect(uri).toMatch(/^otpauth:\/\/totp\/Fieldsync/)
    expect(recoveryCodes).toHaveLength(10)
    expect((await browser.get('/auth/session')).body).toMatchObject({ person: { twoFactor: false } })
    const [now, before] = [totp(secret, Date.now()), totp(secret, Date.now() - 30_000)]
    expect((await browser.post('/auth/two-factor:confirm', { code: before })).body).toEqual({ ok: true })
    expect((await browser.get('/auth/session')).body).toMatchObject({ person: { twoFactor: true } })

    const phone = api.browser()
    const first = await phone.post('/auth/sign-in', { email, password: PASSWORD })
    expect(first.body).toEqual({ secondFactor: true })
    expect((await phone.get('/v1/session')).status).toBe(401)
    expect((await phone.post('/auth/second-factor', { code: before })).status).toBe(401)
    expect((await phone.post('/auth/second-factor', { code: now })).body).toEqual({ ok: true })
    expect((await phone.get('/v1/session')).status).toBe(200)

    const again = api.browser()
    await again.post('/auth/sign-in', { email, password: PASSWORD })
    expect((await again.post('/auth/second-factor', { code: now })).status).toBe(401)
    const [recoveryCode] = recoveryCodes
    expect((await again.post('/auth/second-factor', { recoveryCode })).body).toEqual({ ok: true })
    const thief = api.browser()
    await thief.post('/auth/sign-in', { email, password: PASSWORD })
    api.clock.time = new Date(NOW.getTime() + 3_600_000)
    const replayed = await thief.post('/auth/second-factor', { recoveryCode })
    api.clock.time = NOW
    expect(replayed.status).toBe(401)
    expect(JSON.stringify(await stored('SELECT * FROM person_two_factors'))).not.toContain(recoveryCode)
  })

  it('[PEO-19] what changes an account is in the chain of each of the person’s workspaces', async () => {
    const [own, other] = [await api.workspace(), await api.workspace()]
    const { browser, email, personId } = await api.person(own, 'scout')
    await browser.post('/auth/accept', { code: await api.invited(other, email, 'viewer') })
    const newPassword = 'the second long password'
    await browser.post('/auth/password', { currentPassword: PASSWORD, newPassword })
    const { body } = await browser.post('/auth/two-factor:start', { password: newPassword })
    await browser.post('/auth/two-factor:confirm', { code: totp(String(body['secret']), Date.now()) })
    await browser.post('/auth/two-factor:disable', { password: 'a wrong password' })
    await browser.post('/auth/two-factor:disable', { password: newPassword })
    for (const name of ['Another name', 'Another name']) await browser.post('/auth/profile', { name })
    for (const each of [own, other]) {
      const bodies = await stored('SELECT body FROM audit_entries WHERE workspace_id = $1 ORDER BY seq', each)
      const entries = bodies.map(
        ({ body: text }) => JSON.parse(String(text)) as { act: string; actor: object },
      )
      expect(entries.slice(-4).map(({ act }) => act)).toEqual([
        'person.change_password',
        'person.start_second_factor',
        'person.stop_second_factor',
        'person.change_profile',
      ])
      expect(entries.at(-1)?.actor).toMatchObject({ usr: personId })
    }
    expect((await browser.get('/auth/session')).body).toMatchObject({ person: { twoFactor: false } })
  })

  it('[PEO-13] without a password before it there is no second step', async () => {
    const nobody = api.browser()
    expect((await nobody.post('/auth/second-factor', { code: '123456' })).refusal).toBe('expired')
    nobody.cookies.set('fieldsync_challenge', '2fa-made-up.signature')
    expect((await nobody.post('/auth/second-factor', { code: '123456' })).refusal).toBe('expired')
  })
})

describe('what an administrator changes', () => {
  it('[PEO-12] needs that they have proved who they are within a quarter of an hour', async () => {
    const { browser } = await api.person(workspaceId, 'admin')
    const invite = () =>
      browser.post(
        '/v1/people/invitations',
        { email: 'guest@example.com', role: 'viewer' },
        { 'idempotency-key': 'g' },
      )
    api.clock.time = new Date(NOW.getTime() + 15 * 60_000)
    try {
      expect((await invite()).refusal).toBe('reauthenticate')
      const grant = { deviceId: 'dev_somebody', path: '', actions: ['edit'] }
      const granted = await browser.post('/v1/grants', grant, { 'idempotency-key': 'h' })
      expect(granted.refusal).toBe('reauthenticate')
      expect((await browser.get('/v1/people')).status).toBe(200)
      expect((await browser.post('/auth/reauthenticate', { password: 'wrong' })).status).toBe(401)
      expect((await invite()).refusal).toBe('reauthenticate')
      expect((await browser.post('/auth/reauthenticate', { password: PASSWORD })).status).toBe(200)
      expect((await invite()).status).toBe(201)
    } finally {
      api.clock.time = NOW
    }
  })

  it('[PEO-8] a change of role and the end of an access act on the next request, and are in the chain by person', async () => {
    const own = await api.workspace()
    const admin = await api.person(own, 'admin')
    const { browser, personId } = await api.person(own, 'agronomist')
    const change = (path: string, body: object = {}) =>
      admin.browser.post(`/v1/people/${personId}${path}`, { personId, ...body }, { 'idempotency-key': path })
    expect((await browser.get('/v1/audit')).status).toBe(200)
    expect((await change(':setRole', { role: 'scout' })).body).toMatchObject({
      previousRole: 'agronomist',
      changed: true,
    })
    expect((await browser.get('/v1/audit')).refusal).toBe('role')
    expect((await change(':endAccess')).body).toMatchObject({ alreadyEnded: false })
    expect((await browser.get('/v1/session')).refusal).toBe('membership')
    const bodies = await stored('SELECT body FROM audit_entries WHERE workspace_id = $1 ORDER BY seq', own)
    const entries = bodies.map(
      ({ body }) => JSON.parse(String(body)) as { act: string; actor: { usr: string | null } },
    )
    expect(entries.map(({ act, actor }) => [act, actor.usr]).slice(-3)).toEqual([
      ['person.accept', personId],
      ['person.set_role', admin.personId],
      ['person.end_access', admin.personId],
    ])
  })

  it('[PEO-8, LIV-5] live streams end with the session, and with the access', async () => {
    const own = await api.workspace()
    const admin = await api.person(own, 'admin')
    const { browser, personId } = await api.person(own, 'scout')
    const live = async (cookies: Map<string, string>) => {
      const cookie = [...cookies].map((each) => each.join('=')).join('; ')
      const answer = await fetch(`${api.url}/trpc/sync.live`, { headers: { cookie } })
      expect(answer.status).toBe(200)
      return answer.text()
    }
    const ofAdmin = live(admin.browser.cookies)
    const ofScout = live(browser.cookies)
    await expect.poll(() => api.live.size).toBe(2)
    const end = { 'idempotency-key': 'end' }
    await admin.browser.post(`/v1/people/${personId}:endAccess`, { personId }, end)
    expect(await ofScout).toContain('AUTH_REQUIRED')
    await admin.browser.post('/auth/sign-out')
    expect(await ofAdmin).toContain('This session has ended')
  })

  it('[WSP-4] an administrator who signs in can undo that tokens are refused, as one with a key can', async () => {
    const { browser } = await api.person(await api.workspace(), 'admin')
    const change = { baseVersion: 0, deviceTokens: { mode: 'refused' } }
    expect(
      (await browser.post('/v1/workspace/settings:change', change, { 'idempotency-key': 's' })).status,
    ).toBe(200)
    expect((await browser.get('/v1/session')).status).toBe(200)
  })

  it('[PEO-8] the last administrator can neither be demoted nor shut out', async () => {
    const own = await api.workspace()
    const { browser, personId } = await api.person(own, 'admin')
    const end = await browser.post(
      `/v1/people/${personId}:endAccess`,
      { personId },
      { 'idempotency-key': 'end' },
    )
    const demote = await browser.post(
      `/v1/people/${personId}:setRole`,
      { personId, role: 'scout' },
      { 'idempotency-key': 'role' },
    )
    expect([end.refusal, demote.refusal]).toEqual(['last_admin', 'last_admin'])
  })
})

describe('budgets', () => {
  const keys: string[] = []
  const limited = peopleApi({
    rateLimiter: {
      consume: (key) => {
        keys.push(key)
        return key.startsWith('sign-in:') && keys.filter((each) => each === key).length > 3
          ? { ok: false, retryAfterSeconds: 60 }
          : { ok: true }
      },
    },
  })
  beforeAll(async () => void (await limited))

  it('[PEO-16] attempts are counted by account and address together, before the password is looked at', async () => {
    const other = await limited
    const own = await other.workspace()
    const { email } = await other.person(own, 'scout')
    const attempts = await Promise.all(
      Array.from({ length: 5 }, () =>
        other.browser().post('/auth/sign-in', { email, password: 'wrong password' }),
      ),
    )
    expect(
      attempts
        .map(({ status }) => String(status))
        .toSorted()
        .join(' '),
    ).toBe('401 401 401 429 429')
    expect((await other.browser().post('/auth/sign-in', { email, password: PASSWORD })).status).toBe(429)
    expect(keys.some((key) => key.includes(email))).toBe(false)
  })
})
