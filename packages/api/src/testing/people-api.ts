import { invitationLink, WorkspaceId } from '@fieldsync/contracts'
import { createIdentity, type ProviderConfig } from '@fieldsync/identity'
import { identitySecrets, invitePerson, openFirstPerson } from '@fieldsync/services'

import type { ApiOptions } from '../core/api-options.ts'
import { Browser } from './browser.ts'
import { type RealApi, realApi } from './real-api.ts'

/** Where providers send browsers back to; a test goes to the server's own port instead. */
export const PEOPLE_ADDRESS = 'http://127.0.0.1'
export const PASSWORD = 'a long enough password'

/** The API with people who sign in to it. */
export type PeopleApi = RealApi & {
  browser(headers?: Record<string, string>): Browser
  /** The code of an invitation of the operator. */
  invited(
    workspaceId: string,
    email: string,
    role: 'viewer' | 'scout' | 'agronomist' | 'admin',
  ): Promise<string>
  /** The code that lets an administrator in. */
  firstCode(workspaceId: string): Promise<string>
  /** A person with a password and a role, signed in. */
  person(
    workspaceId: string,
    role: 'viewer' | 'scout' | 'agronomist' | 'admin',
    email?: string,
  ): Promise<{ browser: Browser; email: string; personId: string; deviceId: string }>
}

let count = 0

export async function peopleApi(
  options: Partial<ApiOptions> = {},
  providers: readonly ProviderConfig[] = [],
): Promise<PeopleApi> {
  const api = await realApi(options, (runtime) =>
    createIdentity({
      db: runtime.db,
      secrets: identitySecrets(runtime.peppers),
      address: PEOPLE_ADDRESS,
      providers,
      onFailure: () => undefined,
    }),
  )
  const browser = (headers?: Record<string, string>): Browser => new Browser(api.url, headers)
  const invited: PeopleApi['invited'] = async (workspaceId, email, role) => {
    const input = { email, role, linkTo: (code: string) => invitationLink('', code) }
    const { document } = await invitePerson({ ctx: await api.system(workspaceId), input })
    return document.toJSON().link?.split('#')[1] ?? ''
  }
  return {
    ...api,
    browser,
    invited,
    firstCode: async (workspaceId) =>
      openFirstPerson(await api.system(workspaceId), WorkspaceId.parse(workspaceId)),
    person: async (workspaceId, role, email = `person${++count}@example.com`) => {
      const own = browser()
      const code = await invited(workspaceId, email, role)
      const accepted = await own.post('/auth/accept', { code, name: 'Somebody', password: PASSWORD })
      if (accepted.status !== 200) throw new Error(JSON.stringify(accepted.body))
      const { body } = await own.get('/auth/session')
      const { person, workspaces } = body as {
        person: { personId: string }
        workspaces: { deviceId: string }[]
      }
      return { browser: own, email, personId: person.personId, deviceId: workspaces[0]?.deviceId ?? '' }
    },
  }
}
