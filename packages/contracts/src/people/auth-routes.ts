import { z } from 'zod'

import { DeviceRole, Role } from '../access.ts'
import { DeviceId, PersonId, WorkspaceId } from '../ids.ts'
import { Instant } from '../instant.ts'
import { OpaqueId, RequiredText, ShortText } from '../text.ts'
import { Email, NewPassword, OneTimeCode, PersonName } from './person.ts'

/** Chooses the workspace of a request that a person's session authenticates (PEO-5). */
export const WORKSPACE_HEADER = 'x-workspace-id'

const Password = z.string().min(1).max(256)
const TotpCode = z
  .string()
  .max(16)
  .regex(/^\s*\d{3}\s?\d{3}\s*$/, 'must be six digits')
const RecoveryCode = z.string().min(1).max(64)
const providerId = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be the id of a provider, such as company')

const Ok = z.object({ ok: z.literal(true) }).meta({ id: 'AuthOk' })
export type AuthOk = z.infer<typeof Ok>

/** A workspace in which the signed-in person has a role. */
export const PersonWorkspace = z
  .object({
    workspaceId: WorkspaceId,
    name: z.string(),
    role: Role,
    deviceId: DeviceId.describe('The person as the workspace’s records name them'),
  })
  .meta({ id: 'PersonWorkspace' })
export type PersonWorkspace = z.infer<typeof PersonWorkspace>

/** Answer of `GET /auth/session`, with or without a session. */
export const AuthSession = z
  .object({
    person: z
      .object({
        personId: PersonId,
        name: z.string(),
        email: z.string(),
        twoFactor: z.boolean(),
        connectedProviders: z
          .array(z.string())
          .optional()
          .describe('Ids of the identity providers that the account is connected with (PEO-20)'),
      })
      .nullable()
      .describe('Null without a session'),
    workspaces: z.array(PersonWorkspace),
    providers: z.array(z.object({ id: z.string(), name: z.string() })),
    firstPerson: z.boolean().describe('True while nobody has an account on this server'),
  })
  .meta({ id: 'AuthSession' })
export type AuthSession = z.infer<typeof AuthSession>

export const SignInInput = z.strictObject({ email: Email, password: Password }).meta({ id: 'SignInInput' })
export type SignInInput = z.infer<typeof SignInInput>
export const SignedIn = z.union([Ok, z.object({ secondFactor: z.literal(true) })])
export type SignedIn = z.infer<typeof SignedIn>

/** One of the two: a code of the app, or one of the recovery codes, each of which works once. */
export const SecondFactorInput = z.union([
  z.strictObject({ code: TotpCode }),
  z.strictObject({ recoveryCode: RecoveryCode }),
])
export type SecondFactorInput = z.infer<typeof SecondFactorInput>

/** A session of the person: a browser that is signed in. */
export const SessionRecord = z
  .object({
    sessionId: OpaqueId,
    createdAt: Instant,
    lastSeenAt: Instant,
    ipAddress: z.string().nullable(),
    userAgent: z.string().nullable(),
    current: z.boolean(),
  })
  .meta({ id: 'SessionRecord' })
export type SessionRecord = z.infer<typeof SessionRecord>

export const SessionList = z.object({ sessions: z.array(SessionRecord) }).meta({ id: 'SessionList' })
export type SessionList = z.infer<typeof SessionList>

export const EndSessionsInput = z.union([
  z.strictObject({ sessionId: OpaqueId }),
  z.strictObject({ others: z.literal(true) }),
])
export type EndSessionsInput = z.infer<typeof EndSessionsInput>

export const ReauthenticateInput = z.union([
  z.strictObject({ password: Password }),
  z.strictObject({ code: TotpCode }),
])
export type ReauthenticateInput = z.infer<typeof ReauthenticateInput>

export const ChangePasswordInput = z
  .strictObject({ currentPassword: Password, newPassword: NewPassword })
  .meta({ id: 'ChangePasswordInput' })
export type ChangePasswordInput = z.infer<typeof ChangePasswordInput>
export const ChangeProfileInput = z.strictObject({ name: PersonName }).meta({ id: 'ChangeProfileInput' })
export type ChangeProfileInput = z.infer<typeof ChangeProfileInput>

export const PasswordInput = z.strictObject({ password: Password }).meta({ id: 'PasswordInput' })
export type PasswordInput = z.infer<typeof PasswordInput>

/** Answer of `POST /auth/two-factor:start`: nothing is in force until a code confirms it. */
export const StartedTwoFactor = z
  .object({
    uri: z.string().describe('`otpauth://…`, for a QR code'),
    secret: z.string().describe('The same secret in base32, to be typed'),
    recoveryCodes: z.array(z.string()).describe('Each works once; they are in this answer and never again'),
  })
  .meta({ id: 'StartedTwoFactor' })
export type StartedTwoFactor = z.infer<typeof StartedTwoFactor>

export const ConfirmTwoFactorInput = z.strictObject({ code: TotpCode }).meta({ id: 'ConfirmTwoFactorInput' })
export type ConfirmTwoFactorInput = z.infer<typeof ConfirmTwoFactorInput>

export const InvitationInput = z.strictObject({ code: OneTimeCode }).meta({ id: 'InvitationInput' })
export type InvitationInput = z.infer<typeof InvitationInput>

/** Answer of `POST /auth/invitation`: what a code is good for; looking at it uses nothing up. */
export const InvitationDetails = z
  .object({
    workspaceName: z.string(),
    role: DeviceRole,
    email: z.string().nullable().describe('Null for the first person, who chooses it'),
    name: z.string().nullable(),
    accountExists: z.boolean().describe('True: the person signs in first, and accepts it without a password'),
  })
  .meta({ id: 'InvitationDetails' })
export type InvitationDetails = z.infer<typeof InvitationDetails>

export const AcceptInput = z
  .strictObject({
    code: OneTimeCode,
    name: PersonName.optional(),
    email: Email.optional().describe('Of the first person alone; an invitation determines it'),
    password: NewPassword.optional().describe('Left out by a person who is signed in'),
  })
  .meta({ id: 'AcceptInput' })
export type AcceptInput = z.infer<typeof AcceptInput>

/** Answer of `POST /auth/accept`: the person is signed in, and may work in the workspace. */
export const Accepted = z.object({ ok: z.literal(true), workspaceId: WorkspaceId }).meta({ id: 'Accepted' })
export type Accepted = z.infer<typeof Accepted>

export const ResetInput = z
  .strictObject({ code: OneTimeCode, newPassword: NewPassword })
  .meta({ id: 'ResetInput' })
export type ResetInput = z.infer<typeof ResetInput>

export const ProviderInput = z
  .strictObject({
    providerId,
    returnTo: ShortText.optional().describe('A path of the console; anything else is its first page'),
  })
  .meta({ id: 'ProviderInput' })
export type ProviderInput = z.infer<typeof ProviderInput>
export const ProviderRedirect = z.object({ url: RequiredText.max(8192) }).meta({ id: 'ProviderRedirect' })
export type ProviderRedirect = z.infer<typeof ProviderRedirect>

type AuthRoute = {
  readonly method: 'GET' | 'POST'
  readonly path: `/auth/${string}`
  readonly input: z.ZodType
  readonly output: z.ZodType
  /** The answer contains a secret: it is never compressed (HDR-5). */
  readonly hasSecret?: true
}
const post = { method: 'POST', output: Ok } as const
const NoBody = z.strictObject({})

/** Every address under `/auth` that answers in JSON: a closed list, beside the operation table (PEO-1). */
export const AUTH_ROUTES = {
  session: { method: 'GET', path: '/auth/session', input: NoBody, output: AuthSession },
  signIn: { ...post, path: '/auth/sign-in', input: SignInInput, output: SignedIn },
  secondFactor: { ...post, path: '/auth/second-factor', input: SecondFactorInput },
  signOut: { ...post, path: '/auth/sign-out', input: NoBody },
  sessions: { method: 'GET', path: '/auth/sessions', input: NoBody, output: SessionList },
  endSessions: { ...post, path: '/auth/sessions:end', input: EndSessionsInput },
  reauthenticate: { ...post, path: '/auth/reauthenticate', input: ReauthenticateInput },
  password: { ...post, path: '/auth/password', input: ChangePasswordInput },
  profile: { ...post, path: '/auth/profile', input: ChangeProfileInput },
  startTwoFactor: {
    ...post,
    path: '/auth/two-factor:start',
    input: PasswordInput,
    output: StartedTwoFactor,
    hasSecret: true,
  },
  confirmTwoFactor: { ...post, path: '/auth/two-factor:confirm', input: ConfirmTwoFactorInput },
  disableTwoFactor: { ...post, path: '/auth/two-factor:disable', input: PasswordInput },
  invitation: { ...post, path: '/auth/invitation', input: InvitationInput, output: InvitationDetails },
  accept: { ...post, path: '/auth/accept', input: AcceptInput, output: Accepted },
  reset: { ...post, path: '/auth/reset', input: ResetInput },
  provider: { ...post, path: '/auth/provider', input: ProviderInput, output: ProviderRedirect },
} as const satisfies Record<string, AuthRoute>
export type AuthRouteName = keyof typeof AUTH_ROUTES

/** Where a provider sends the browser back to; answers with a redirect into the console. */
export const authCallbackPath = (id: string): `/auth/callback/${string}` => `/auth/callback/${id}`

/** The query key that a failed sign-in through a provider brings into the console, and its values. */
export const PROVIDER_ERROR_KEY = 'sign-in-error'
export const PROVIDER_ERRORS = [
  'cancelled',
  'unavailable',
  'refused',
  'no_access',
  'email_in_use',
  'not_connected',
  'other_account',
] as const
export type ProviderError = (typeof PROVIDER_ERRORS)[number]

/** The link that a person accepts an invitation by, the first person too. */
export const invitationLink = (address: string, code: string): string => `${address}/accept#${code}`
/** The link by which a person sets a new password. */
export const resetLink = (address: string, code: string): string => `${address}/reset#${code}`
