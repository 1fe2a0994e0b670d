import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { WorkspaceId } from '@fieldsync/contracts'
import type { GroupRole } from '@fieldsync/identity'
import { changeSettings } from '@fieldsync/services'
import { afterAll, describe, expect, it } from 'vitest'

import type { Browser } from '../testing/browser.ts'
import { identityProvider } from '../testing/identity-provider.ts'
import { PASSWORD, PEOPLE_ADDRESS, peopleApi } from '../testing/people-api.ts'

const provider = await identityProvider(`${PEOPLE_ADDRESS}/auth/callback/company`)
// Takes connections and never answers.
const silent = createServer(() => undefined)
await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
const silentPort = (silent.address() as AddressInfo).port
const roles: GroupRole[] = []
const common = {
  clientId: provider.client.client_id,
  clientSecret: provider.client.client_secret,
  scopes: ['openid', 'profile', 'email'],
  groupsClaim: 'groups',
  roles,
}
const api = await peopleApi({}, [
  { ...common, id: 'company', name: 'Company', issuer: provider.issuer },
  { ...common, id: 'silent', name: 'Silent', issuer: `http://127.0.0.1:${silentPort}` },
  { ...common, id: 'down', name: 'Down', issuer: 'http://127.0.0.1:9' },
])
const mapped = await api.workspace()
for (const [group, role] of [
  ['vineyard', 'scout'],
  ['leads', 'admin'],
] as const)
  roles.push({ workspaceId: WorkspaceId.parse(mapped), group, role })
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  silent.closeAllConnections()
  silent.close()
})

type Claims = { email: string; email_verified?: boolean; name?: string; groups?: string[] }

/** The browser signs in at the provider as the subject, and comes back; where the console takes it. */
async function signIn(browser: Browser, subject: string, claims: Claims, returnTo?: string): Promise<string> {
  provider.accounts.set(subject, { email_verified: true, ...claims })
  provider.account = subject
  const { body } = await browser.post('/auth/provider', { providerId: 'company', returnTo })
  const back = await provider.visit(String(body['url']))
  const answer = await browser.get(`${back.pathname}${back.search}`)
  expect(answer.status).toBe(303)
  return answer.headers.get('location') ?? ''
}

const people = async (email: string) =>
  (await api.runtime.db.pool.query('SELECT id FROM people WHERE email = $1', [email])).rows

describe('an organization’s own provider', () => {
  it('[PEO-17, PEO-18] lets in whom its groups give a role, with that role at each sign-in', async () => {
    const browser = api.browser()
    const rosa = { email: 'Rosa@company.example', name: 'Rosa Núñez', groups: ['vineyard'] }
    expect(await signIn(browser, 'rosa', rosa, '/devices?state=silent')).toBe('/devices?state=silent')
    const session = () => browser.get('/auth/session')
    expect((await session()).body).toMatchObject({
      person: { name: 'Rosa Núñez', email: 'rosa@company.example' },
      workspaces: [{ workspaceId: mapped, role: 'scout' }],
    })
    expect((await browser.get('/v1/session')).body).toMatchObject({ role: 'scout' })
    await signIn(browser, 'rosa', { ...rosa, groups: ['vineyard', 'leads'] })
    expect((await session()).body).toMatchObject({ workspaces: [{ role: 'admin' }] })
    const left = api.browser()
    expect(await signIn(left, 'rosa', { ...rosa, groups: [] })).toBe('/?sign-in-error=no_access')
    expect((await browser.get('/v1/session')).refusal).toBe('membership')
    const tokens = await api.runtime.db.pool.query(
      `SELECT count(*)::int AS found FROM person_accounts
        WHERE coalesce(access_token, refresh_token, id_token) IS NOT NULL`,
    )
    expect(tokens.rows).toEqual([{ found: 0 }])
  })

  it('[PEO-18] lets nobody in again whose access an administrator has ended, whatever their groups, until they are invited', async () => {
    const browser = api.browser()
    const nora = { email: 'nora@company.example', name: 'Nora', groups: ['vineyard'] }
    await signIn(browser, 'nora', nora)
    const { body } = await browser.get('/auth/session')
    const { personId, email } = (body as { person: { personId: string; email: string } }).person
    const admin = await api.person(mapped, 'admin')
    const ended = await admin.browser.post(
      `/v1/people/${personId}:endAccess`,
      { personId },
      { 'idempotency-key': 'end' },
    )
    expect(ended.body).toMatchObject({ alreadyEnded: false })
    expect(await signIn(api.browser(), 'nora', nora)).toBe('/?sign-in-error=no_access')
    const code = await api.invited(mapped, email, 'viewer')
    expect(await signIn(browser, 'nora', nora)).toBe('/')
    expect((await browser.get('/v1/session')).refusal).toBe('membership')
    expect((await browser.post('/auth/accept', { code })).status).toBe(200)
    expect((await browser.get('/v1/session')).body).toMatchObject({ role: 'viewer' })
  })

  it('[PEO-18] gives nobody an account whom no group lets in, nor for an address that it has not verified', async () => {
    const nobody = { email: 'nobody@company.example', groups: ['others'] }
    expect(await signIn(api.browser(), 'nobody', nobody)).toBe('/?sign-in-error=no_access')
    const unverified = { email: 'unverified@company.example', email_verified: false, groups: ['leads'] }
    expect(await signIn(api.browser(), 'unverified', unverified)).toBe('/?sign-in-error=refused')
    expect([...(await people(nobody.email)), ...(await people(unverified.email))]).toEqual([])
  })

  it('[PEO-18, PEO-20] links an account by a verified address alone, once its owner has signed in to it, and leaves its role to the admin who gave it', async () => {
    const own = await api.workspace()
    const { email } = await api.person(own, 'agronomist', 'known@company.example')
    const thief = api.browser()
    const claimed = { email, email_verified: false, groups: ['leads'] }
    expect(await signIn(thief, 'thief', claimed)).toBe('/?sign-in-error=email_in_use')
    expect((await thief.get('/auth/session')).body).toMatchObject({ person: null })
    // Somebody who got the invitation of another person may have made the account.
    const owner = api.browser()
    expect(await signIn(owner, 'known', { email, groups: [] })).toBe('/?sign-in-error=not_connected')
    expect((await owner.get('/auth/session')).body).toMatchObject({ person: null })
    expect((await owner.post('/auth/sign-in', { email, password: PASSWORD })).status).toBe(200)
    expect(await signIn(owner, 'known', { email, groups: [] }, '/account')).toBe('/account')
    const browser = api.browser()
    expect(await signIn(browser, 'known', { email, groups: [] })).toBe('/')
    expect((await browser.get('/auth/session')).body).toMatchObject({
      person: { email, connectedProviders: ['company'] },
      workspaces: [{ workspaceId: own, role: 'agronomist' }],
    })
    expect((await api.browser().post('/auth/sign-in', { email, password: PASSWORD })).status).toBe(200)
    const { rows } = await api.runtime.db.pool.query<{ body: string }>(
      'SELECT body FROM audit_entries WHERE workspace_id = $1 ORDER BY seq DESC LIMIT 1',
      [own],
    )
    expect(rows[0]?.body).toContain('"act":"person.connect_provider"')
  })

  it('[PEO-20] who got somebody else’s invitation shares no account with them, and gets no role of theirs', async () => {
    const email = 'boss@company.example'
    const mallory = await api.person(await api.workspace(), 'viewer', email)
    const boss = { email, groups: ['leads'] }
    expect(await signIn(api.browser(), 'boss', boss)).toBe('/?sign-in-error=not_connected')
    const { body } = await mallory.browser.get('/auth/session')
    expect(body).toMatchObject({ person: { connectedProviders: [] }, workspaces: [{ role: 'viewer' }] })
    const { rows } = await api.runtime.db.pool.query('SELECT FROM person_accounts WHERE account_id = $1', [
      'boss',
    ])
    expect(rows).toEqual([])
    // The other way round: signed in to a foreign account, one connects nothing of one's own with it.
    const other = await api.person(await api.workspace(), 'viewer')
    expect(await signIn(other.browser, 'boss', boss)).toBe('/account?sign-in-error=other_account')
    expect(await signIn(other.browser, 'fresh', { email: 'fresh@company.example', groups: ['leads'] })).toBe(
      '/account?sign-in-error=other_account',
    )
    expect((await other.browser.get('/auth/session')).body).toMatchObject({ person: { email: other.email } })
    expect(await people('fresh@company.example')).toEqual([])
  })

  it('[PEO-20] an account that the provider made is its person’s, by the address too', async () => {
    const vera = { email: 'vera@company.example', groups: ['vineyard'] }
    expect(await signIn(api.browser(), 'vera', vera)).toBe('/')
    const [before] = await people(vera.email)
    expect(await signIn(api.browser(), 'vera-new', vera)).toBe('/')
    expect(await people(vera.email)).toEqual([before])
  })

  it('[PEO-22] signing in at the provider counts as a second factor, and a password of the same account does not', async () => {
    const own = await api.workspace()
    const { browser, email } = await api.person(own, 'scout', 'twice@company.example')
    const claims = { email, groups: [] }
    expect(await signIn(browser, 'twice', claims, '/account')).toBe('/account')
    const input = { baseVersion: 0, secondFactor: 'required' } as const
    await changeSettings({ ctx: await api.system(own), input })
    expect((await browser.get('/v1/session')).status).toBe(200)
    const byPassword = api.browser()
    await byPassword.post('/auth/sign-in', { email, password: PASSWORD })
    expect((await byPassword.get('/v1/session')).refusal).toBe('second_factor')
  })

  it('[PEO-17] a redirect of somebody else’s sign-in, of none, or used twice, signs nobody in', async () => {
    const claims = { email: 'rosa@company.example', groups: ['vineyard'] }
    provider.accounts.set('rosa', { email_verified: true, ...claims })
    provider.account = 'rosa'
    const attacker = api.browser()
    const { body } = await attacker.post('/auth/provider', { providerId: 'company' })
    const back = await provider.visit(String(body['url']))
    const victim = api.browser()
    const path = `${back.pathname}${back.search}`
    expect((await victim.get(path)).headers.get('location')).toBe('/?sign-in-error=refused')
    await victim.post('/auth/provider', { providerId: 'company' })
    expect((await victim.get(path)).headers.get('location')).toBe('/?sign-in-error=refused')
    expect((await victim.get('/auth/session')).body).toMatchObject({ person: null })
  })

  it('[PEO-17] a return to another site ends at the console', async () => {
    const claims = { email: 'rosa@company.example', groups: ['vineyard'] }
    for (const returnTo of ['//evil.example', 'https://evil.example/', '/\\evil.example'])
      expect(await signIn(api.browser(), 'rosa', claims, returnTo)).toBe('/')
  })

  it('[PEO-17] one that is down or silent is refused in bounded time, and delays nobody else', async () => {
    const { email } = await api.person(await api.workspace(), 'scout')
    const waiting = api.browser().post('/auth/provider', { providerId: 'silent' })
    expect((await api.browser().post('/auth/provider', { providerId: 'down' })).refusal).toBe('UNAVAILABLE')
    expect((await api.browser().post('/auth/sign-in', { email, password: PASSWORD })).status).toBe(200)
    expect((await waiting).refusal).toBe('UNAVAILABLE')
    expect((await api.browser().post('/auth/provider', { providerId: 'company' })).status).toBe(200)
  }, 20_000)
})
