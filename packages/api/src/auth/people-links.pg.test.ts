import type { PersonId } from '@fieldsync/contracts'
import { erasePerson } from '@fieldsync/services'
import { describe, expect, it } from 'vitest'

import { PASSWORD, peopleApi } from '../testing/people-api.ts'
import { NOW } from '../testing/real-api.ts'

const api = await peopleApi()
const workspaceId = await api.workspace()

const stored = async (sql: string, ...values: unknown[]) =>
  (await api.runtime.db.pool.query(sql, values)).rows

describe('links', () => {
  it('[PEO-6, OPS-58, OPS-59] an invitation ends by use, withdrawal, time and a later one for the same address', async () => {
    const own = await api.workspace()
    const { browser } = await api.person(own, 'admin')
    const look = async (code: string) => (await api.browser().post('/auth/invitation', { code })).status
    const replaced = await api.invited(own, 'guest@example.com', 'viewer')
    const code = await api.invited(own, 'Guest@example.com', 'viewer')
    expect([await look(replaced), await look(code), await look(code.toLowerCase())]).toEqual([410, 200, 200])
    const open = await browser.get('/v1/people/invitations')
    const [{ invitationId }] = open.body as unknown as [{ invitationId: string }]
    await browser.post(
      `/v1/people/invitations/${invitationId}:withdraw`,
      { invitationId },
      { 'idempotency-key': 'w' },
    )
    expect(await look(code)).toBe(410)
    const used = await api.invited(own, 'used@example.com', 'viewer')
    const accepted = { code: used, name: 'Guest', password: PASSWORD }
    expect((await api.browser().post('/auth/accept', accepted)).status).toBe(200)
    expect(await look(used)).toBe(410)
    const late = await api.invited(own, 'late@example.com', 'viewer')
    api.clock.time = new Date(NOW.getTime() + 7 * 86_400_000)
    const expired = await look(late)
    api.clock.time = NOW
    expect(expired).toBe(410)
  })

  it('[PEO-7] an invitation is for one address: nobody else accepts it, and an account is not made twice', async () => {
    const own = await api.workspace()
    const { browser, email } = await api.person(workspaceId, 'scout')
    const forOther = await api.invited(own, 'somebody.else@example.com', 'admin')
    expect((await browser.post('/auth/accept', { code: forOther })).refusal).toBe('other_account')
    const code = await api.invited(own, email, 'scout')
    const twice = await api.browser().post('/auth/accept', { code, name: 'Thief', password: PASSWORD })
    expect([twice.status, twice.refusal]).toEqual([409, 'has_account'])
    expect((await api.browser().post('/auth/accept', { code })).status).toBe(401)
    expect((await browser.post('/auth/accept', { code })).status).toBe(200)
  })

  it('[ERR-13] says why an invitation, or the place of a person, stays as it is', async () => {
    const own = await api.workspace()
    const { browser } = await api.person(own, 'admin')
    const post = async (path: string, body: object) =>
      (await browser.post(path, body, { 'idempotency-key': `${path} ${JSON.stringify(body)}` })).refusal
    const { personId, email } = await api.person(own, 'scout')
    expect(await post('/v1/people/invitations', { email, role: 'admin' })).toBe('has_access')
    const listed = (await browser.get('/v1/people/invitations')).body as unknown as {
      invitationId: string
      email: string
    }[]
    const { invitationId } = listed.find((each) => each.email === email) ?? { invitationId: '' }
    expect(await post(`/v1/people/invitations/${invitationId}:withdraw`, { invitationId })).toBe('accepted')
    await post(`/v1/people/${personId}:endAccess`, { personId })
    expect(await post(`/v1/people/${personId}:setRole`, { personId, role: 'viewer' })).toBe('access_ended')
    expect(await post(`/v1/people/${personId}:resetLink`, { personId })).toBe('access_ended')
  })

  it('[PEO-9] a reset link works once, ends all sessions, and is the operator’s for members of several workspaces', async () => {
    const own = await api.workspace()
    const admin = await api.person(own, 'admin')
    const { browser, email, personId } = await api.person(own, 'scout')
    const create = (key: string) =>
      admin.browser.post(`/v1/people/${personId}:resetLink`, { personId }, { 'idempotency-key': key })
    const first = String((await create('one')).body['link']).split('#')[1]
    const code = String((await create('two')).body['link']).split('#')[1]
    const reset = (each: unknown) =>
      api.browser().post('/auth/reset', { code: each, newPassword: 'the third long password' })
    expect((await reset(first)).status).toBe(410)
    expect((await reset(code)).status).toBe(200)
    expect((await reset(code)).status).toBe(410)
    expect((await browser.get('/v1/session')).status).toBe(401)
    await browser.post('/auth/sign-in', { email, password: 'the third long password' })
    const elsewhere = await api.invited(workspaceId, email, 'scout')
    expect((await browser.post('/auth/accept', { code: elsewhere })).status).toBe(200)
    expect((await create('three')).status).toBe(403)
  })
})

describe('a password that somebody would guess', () => {
  it('[PEO-21] is refused when it is chosen, changed and reset, and no code is used up', async () => {
    const own = await api.workspace()
    const code = await api.invited(own, 'rosa.quispe@example.com', 'scout')
    const browser = api.browser()
    const accept = (password: string) => browser.post('/auth/accept', { code, name: 'Rosa Quispe', password })
    for (const password of ['password1234', 'rosa.quispe26', 'ROSA.Quispe-1']) {
      const { refusal, body } = await accept(password)
      expect(refusal).toBe('VALIDATION_ERROR')
      expect(JSON.stringify(body)).toContain('"path":"/password"')
    }
    expect((await accept(PASSWORD)).status).toBe(200)
    const change = (newPassword: string) =>
      browser.post('/auth/password', { currentPassword: PASSWORD, newPassword })
    const refused = await change('quispequispe')
    expect(JSON.stringify(refused.body)).toContain('"path":"/newPassword"')
    const admin = await api.person(own, 'admin')
    const { body } = await browser.get('/auth/session')
    const { personId } = (body as { person: { personId: string } }).person
    const link = await admin.browser.post(
      `/v1/people/${personId}:resetLink`,
      { personId },
      { 'idempotency-key': 'reset' },
    )
    const reset = (newPassword: string) =>
      api.browser().post('/auth/reset', { code: String(link.body['link']).split('#')[1], newPassword })
    expect((await reset('rosa.quispe26')).refusal).toBe('VALIDATION_ERROR')
    expect((await reset('the third long password')).status).toBe(200)
  })
})

describe('erasing a person', () => {
  it('[ERA-6] leaves no name, address or sign-in of theirs in the database, and an entry in each chain', async () => {
    const [own, other] = [await api.workspace(), await api.workspace()]
    const admin = await api.person(own, 'admin')
    const email = 'rosalinda@company.example'
    const invite = { email, name: 'Rosalinda', role: 'scout' }
    const { body } = await admin.browser.post('/v1/people/invitations', invite, { 'idempotency-key': 'r' })
    const code = String(body['link']).split('#')[1]
    const browser = api.browser()
    await browser.post('/auth/accept', { code, name: 'Rosalinda', password: PASSWORD })
    await browser.post('/auth/accept', { code: await api.invited(other, email, 'viewer') })
    const invited = await api.workspace()
    await api.invited(invited, email, 'viewer')
    const [known] = await stored(`SELECT id FROM people WHERE email = '${email}'`)
    const { id: personId } = known as { id: PersonId }
    const erase = async () =>
      await erasePerson({ ctx: await api.system(own), input: { personId, reason: 'Request of 12 March' } })
    const { workspaces } = await erase()
    expect(new Set(workspaces)).toEqual(new Set([own, other, invited]))
    expect((await browser.get('/v1/session')).status).toBe(401)
    expect((await browser.post('/auth/sign-in', { email, password: PASSWORD })).status).toBe(401)
    const tables = await stored("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    for (const { name } of tables as { name: string }[]) {
      const found = await stored(`SELECT FROM "${name}" t WHERE t::text ILIKE '%rosalinda%'`)
      expect(found, name).toEqual([])
    }
    const people = await admin.browser.get('/v1/people')
    expect(JSON.stringify(people.body)).toContain(personId)
    await expect(erase()).rejects.toMatchObject({ code: 'CONFLICT' })
    const { rows } = await api.runtime.db.pool.query(
      'SELECT body FROM audit_entries WHERE workspace_id = $1',
      [other],
    )
    expect(JSON.stringify(rows)).toContain('Request of 12 March')
    // A hash of the invitation would say whose it was to whoever guesses the address.
    const [entry] = await stored(
      `SELECT body::json->'req' AS req FROM audit_entries WHERE workspace_id = '${own}' AND body::json->'req'->>'idem' = 'r'`,
    )
    expect(entry).toMatchObject({ req: { bodySha256: null } })
  })
})

describe('other sites', () => {
  it('[PEO-15] cannot use a person’s cookies, over either transport, nor sign anybody in', async () => {
    const { browser, email } = await api.person(workspaceId, 'admin')
    const input = { deviceId: 'dev_forged', role: 'admin' }
    const forged = [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: '' },
      { origin: 'null' },
    ]
    for (const headers of forged) {
      const rest = await browser.post('/v1/devices', input, { 'idempotency-key': 'k', ...headers })
      const trpc = await browser.post('/trpc/devices.create', input, headers)
      expect([rest.status, rest.refusal, trpc.status], JSON.stringify(headers)).toEqual([403, 'origin', 403])
      expect((await browser.post('/auth/sign-out', {}, headers)).refusal).toBe('origin')
    }
    const login = await api
      .browser()
      .post('/auth/sign-in', { email, password: PASSWORD }, { origin: 'https://evil.example' })
    expect(login.refusal).toBe('origin')
    const form = await browser.post('/v1/devices', input, {
      'content-type': 'text/plain',
      'idempotency-key': 'k',
    })
    expect(form.status).toBe(415)
    expect(await stored('SELECT FROM devices WHERE device_id = $1', 'dev_forged')).toEqual([])
  })

  it('[PEO-14] a session’s cookie is for this host alone and for no script', async () => {
    const { email } = await api.person(workspaceId, 'scout')
    const signedIn = await api.browser().post('/auth/sign-in', { email, password: PASSWORD })
    expect(signedIn.headers.getSetCookie()[0]).toMatch(
      /^fieldsync_session=fsp_[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/,
    )
  })

  it('[PEO-1] the routes are a closed list: none of the library’s own is there', async () => {
    const browser = api.browser()
    for (const path of [
      '/auth/sign-up/email',
      '/auth/sign-in/email',
      '/auth/get-session',
      '/auth/ok',
      '/auth/error',
    ])
      expect((await browser.post(path)).status, path).toBe(404)
    expect((await browser.get('/auth/sign-in')).status).toBe(405)
    expect(
      (await browser.post('/auth/sign-in', { email: 'a@example.com', password: 'x', admin: true })).status,
    ).toBe(400)
    expect((await browser.post('/auth/provider', { providerId: 'none' })).status).toBe(404)
  })
})
