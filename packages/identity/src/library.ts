import type { Database } from '@fieldsync/db'
import { type BetterAuthOptions, betterAuth } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { twoFactor } from 'better-auth/plugins'
import type { BetterAuthPlugin } from 'better-auth/types'
import { ulid } from 'ulid'

import { withOwnSessions } from './session-view.ts'

/** What the library needs from the process it runs in. */
export type LibraryOptions = {
  readonly db: Database
  /** The present one first; what depends on another is still read. */
  readonly secrets: { readonly version: number; readonly value: string }[]
  /** The address of this server, without a slash at its end. */
  readonly address: string
  /** A failure inside the library, in its own words; never with what a person has entered. */
  readonly onFailure: (message: string) => void
}

/** The library's tables as prisma/schema.prisma names them. */
const NAMES = {
  user: { modelName: 'person' },
  session: { modelName: 'personSession', fields: { userId: 'personId', token: 'tokenHash' } },
  account: { modelName: 'personAccount', fields: { userId: 'personId' } },
  verification: { modelName: 'personVerification' },
} as const

const SECOND_FACTOR = twoFactor({
  issuer: 'Fieldsync',
  // Our budgets limit attempts: its lock would let whoever knows a password lock its owner out.
  accountLockout: { enabled: false },
  totpOptions: { digits: 6, period: 30 },
  schema: { twoFactor: { modelName: 'personTwoFactor', fields: { userId: 'personId' } } },
})

/** Tokens of a provider are good for nothing here, and are not kept. */
const NO_PROVIDER_TOKENS = {
  accessToken: null,
  refreshToken: null,
  idToken: null,
  accessTokenExpiresAt: null,
  refreshTokenExpiresAt: null,
}

/**
 * better-auth, with what we use of it alone, and without its HTTP handler: nothing reaches it but calls of this package
 * (decision 0029).
 */
export function createLibrary(options: LibraryOptions, plugins: readonly BetterAuthPlugin[] = []) {
  const { db, secrets, address, onFailure } = options
  const adapter = prismaAdapter(db.prisma, { provider: 'postgresql', transaction: true })
  return betterAuth({
    appName: 'Fieldsync',
    baseURL: `${address}/auth`,
    secrets,
    database: (given: BetterAuthOptions) => withOwnSessions(adapter(given)),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, maxPasswordLength: 256 },
    ...NAMES,
    session: { ...NAMES.session, disableSessionRefresh: true, cookieCache: { enabled: false } },
    account: {
      ...NAMES.account,
      updateAccountOnSignIn: false,
      accountLinking: { enabled: true, trustedProviders: [] },
    },
    advanced: {
      useSecureCookies: false,
      cookiePrefix: 'identity',
      database: {
        generateId: ({ model }) => (model === 'user' ? `usr_${ulid().toLowerCase()}` : ulid().toLowerCase()),
      },
    },
    databaseHooks: {
      account: {
        create: { before: (account) => Promise.resolve({ data: { ...account, ...NO_PROVIDER_TOKENS } }) },
      },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'error', log: (level, message) => level === 'error' && onFailure(message) },
    plugins: [SECOND_FACTOR, ...plugins],
  })
}

/** The library with the plugins of every instance. */
export type Library = ReturnType<typeof createLibrary>
