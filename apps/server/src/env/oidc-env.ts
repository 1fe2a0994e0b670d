import { DeviceRole, WorkspaceId } from '@fieldsync/contracts'
import type { GroupRole, ProviderConfig } from '@fieldsync/identity'
import { z } from 'zod'

import type { EnvIssue } from './read-variables.ts'

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

const issuer = z.string().refine((text) => {
  const url = URL.parse(text)
  if (url === null || url.search !== '' || url.hash !== '' || url.username !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))
}, 'must be the issuer of an OpenID Connect provider, such as https://login.example.com/realms/vineyard')

const ROLE = /^([^:\s]+):(.+)=([a-z]+)$/

/** `workspace:group=role`, separated by commas. */
const roles = z.string().transform((text, context): readonly GroupRole[] => {
  const parts = text.split(',').map((part) => part.trim())
  const read = parts.map((part): GroupRole | undefined => {
    const [, workspace, group, name] = ROLE.exec(part) ?? []
    const workspaceId = WorkspaceId.safeParse(workspace).data
    const role = DeviceRole.safeParse(name).data
    return workspaceId && group && role ? { workspaceId, group, role } : undefined
  })
  if (read.includes(undefined)) {
    context.addIssue({
      code: 'custom',
      message: `must be workspace:group=role, separated by commas, with the roles ${DeviceRole.options.join(', ')}`,
    })
    return z.NEVER
  }
  return read.filter((each) => each !== undefined)
})

/** An organization's own identity provider (PEO-17). */
export const OidcVariables = z.object({
  OIDC_ISSUER: issuer.optional(),
  OIDC_CLIENT_ID: z.string().min(1).max(512).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).max(1024).optional(),
  OIDC_ID: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and hyphens')
    .default('oidc'),
  OIDC_NAME: z.string().min(1).max(60).default('Single sign-on'),
  OIDC_SCOPES: z.string().default('openid profile email'),
  OIDC_GROUPS_CLAIM: z.string().min(1).max(128).default('groups'),
  OIDC_ROLES: roles.optional(),
})
type Values = z.infer<typeof OidcVariables>

/** The provider of these variables; undefined where none is configured. */
export function providerOf(values: Values): ProviderConfig | undefined {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = values
  if (!OIDC_ISSUER || !OIDC_CLIENT_ID || !OIDC_CLIENT_SECRET) return undefined
  return {
    id: values.OIDC_ID,
    name: values.OIDC_NAME,
    issuer: OIDC_ISSUER,
    clientId: OIDC_CLIENT_ID,
    clientSecret: OIDC_CLIENT_SECRET,
    scopes: values.OIDC_SCOPES.split(/\s+/).filter((scope) => scope !== ''),
    groupsClaim: values.OIDC_GROUPS_CLAIM,
    roles: values.OIDC_ROLES ?? [],
  }
}

/** A provider is configured whole or not at all. */
export function checkOidcVariables(values: Values): EnvIssue[] {
  const needed = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const
  const missing = needed.filter((name) => values[name] === undefined)
  if (missing.length === 0 || missing.length === needed.length) return []
  return missing.map((name) => ({
    name,
    given: '(not set)',
    expected: 'must be set together with the other variables of the provider',
  }))
}
