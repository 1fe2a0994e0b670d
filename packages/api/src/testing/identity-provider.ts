import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { type AccountClaims, Provider } from 'oidc-provider'

const CLIENT = { client_id: 'fieldsync', client_secret: 'a secret of the client' }

/** A real OpenID Connect provider on this machine, at which whoever `account` names is signed in at once. */
export type IdentityProvider = AsyncDisposable & {
  readonly issuer: string
  readonly client: typeof CLIENT
  /** Claims by subject. */
  readonly accounts: Map<string, Omit<AccountClaims, 'sub'>>
  account: string
  /** Follows the browser through the provider and returns the address that it sends it back to. */
  visit(url: string): Promise<URL>
}

export async function identityProvider(redirectUri: string): Promise<IdentityProvider> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on TCP has an AddressInfo.
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const accounts: IdentityProvider['accounts'] = new Map()
  const state = { account: '' }
  const provider = new Provider(issuer, {
    clients: [{ ...CLIENT, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    cookies: { keys: ['a key for a test'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, ...accounts.get(accountId) }),
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
  server.on('request', (req, res) => {
    if (!req.url?.startsWith('/interaction/')) return void serve(req, res)
    void provider.interactionFinished(req, res, { login: { accountId: state.account } })
  })
  return {
    issuer,
    client: CLIENT,
    accounts,
    get account() {
      return state.account
    },
    set account(value: string) {
      state.account = value
    },
    visit: (url) => follow(url, redirectUri),
    [Symbol.asyncDispose]: () => closed(server),
  }
}

async function follow(first: string, redirectUri: string): Promise<URL> {
  const cookies = new Map<string, string>()
  for (let url = first; ;) {
    if (url.startsWith(redirectUri)) return new URL(url)
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location === null) throw new Error(`${answer.status} ${await answer.text()}`)
    url = new URL(location, url).href
  }
}

async function closed(server: Server): Promise<void> {
  const done = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await done
}
