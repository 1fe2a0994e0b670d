import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { startServer, testDatabase } from '@fieldsync/testkit'
import { pageFindings, startBrowser } from '@fieldsync/testkit/browser'
import { Provider } from 'oidc-provider'
import { afterAll, expect, it } from 'vitest'

import { isIn } from './testing/people.ts'

const CLIENT = { client_id: 'fieldsync', client_secret: 'a secret of the client' }
/** Who is signed in at the provider, and in which groups they are there. */
const someone = { sub: 'vera', groups: ['agronomy'] }

const issuing = createServer().listen(0, '127.0.0.1')
await once(issuing, 'listening')
// A server that listens on TCP has an AddressInfo.
const issuer = `http://127.0.0.1:${(issuing.address() as AddressInfo).port}`
const server = await startServer({
  env: {
    ...(await testDatabase()).serverEnv,
    PEPPER: 'the pepper of people from a provider, long enough',
    DEVICE_TOKENS: 'ws_ridge/dev_scout#scout=pre-shared-token-of-the-scout',
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: CLIENT.client_id,
    OIDC_CLIENT_SECRET: CLIENT.client_secret,
    OIDC_ID: 'company',
    OIDC_NAME: 'Ridge Vineyards',
    OIDC_ROLES: 'ws_ridge:agronomy=agronomist',
  },
})
const provider = new Provider(issuer, {
  clients: [{ ...CLIENT, redirect_uris: [`${server.url}/auth/callback/company`] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
  cookies: { keys: ['a key for a test'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, accountId) => ({
    accountId,
    claims: () => ({
      sub: accountId,
      name: 'Vera Lund',
      email: `${accountId}@ridge.example`,
      email_verified: true,
      groups: someone.groups,
    }),
  }),
  loadExistingGrant: async ({ oidc }) => {
    const grant = new provider.Grant({
      clientId: CLIENT.client_id,
      accountId: oidc.session?.accountId ?? '',
    })
    grant.addOIDCScope('openid profile email')
    await grant.save()
    return grant
  },
})
const serve = provider.callback()
issuing.on('request', (req, res) => {
  if (!req.url?.startsWith('/interaction/')) return void serve(req, res)
  void provider.interactionFinished(req, res, { login: { accountId: someone.sub } })
})
const browser = await startBrowser()
afterAll(async () => {
  await browser[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  issuing.close()
  issuing.closeAllConnections()
})

it('[APP-76] a person signs in at their organization’s provider, and comes back to the page that they had opened', async () => {
  const tab = await browser.open(`${server.url}/devices?state=never`)
  await tab.getByRole('button', { name: 'Sign in with Ridge Vineyards' }).waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByRole('button', { name: 'Sign in with Ridge Vineyards' }).press('Enter')
  await isIn(tab, 'Vera Lund')
  await isIn(tab, 'Agronomist')
  expect(tab.url()).toBe(`${server.url}/devices?state=never`)
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await tab.getByRole('button', { name: 'Sign in with Ridge Vineyards' }).waitFor()
})

it('[APP-76] whom the provider lets in without a group here has no access, and the page says so', async () => {
  someone.sub = 'walt'
  someone.groups = ['cellar']
  const other = await startBrowser()
  const tab = await other.open(server.url)
  await tab.getByRole('button', { name: 'Sign in with Ridge Vineyards' }).press('Enter')
  await tab.getByText('you have no access to any workspace here').waitFor()
  expect(new URL(tab.url()).search).toBe('')
  expect(await pageFindings(tab)).toEqual([])
  await other[Symbol.asyncDispose]()
})

it('[APP-76] a provider that is down is said to be, and the other ways stay', async () => {
  issuing.close()
  issuing.closeAllConnections()
  const other = await startBrowser()
  const tab = await other.open(server.url)
  await tab.getByRole('button', { name: 'Sign in with Ridge Vineyards' }).press('Enter')
  await tab.getByText('The sign-in of your organization is not available at the moment.').waitFor()
  await expect.poll(() => tab.getByLabel('Email', { exact: true }).isVisible()).toBe(true)
  expect(await pageFindings(tab)).toEqual([])
  await other[Symbol.asyncDispose]()
})
