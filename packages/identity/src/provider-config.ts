import type { DeviceRole, WorkspaceId } from '@fieldsync/contracts'

/** An organization's own OpenID Connect provider. */
export type ProviderConfig = {
  readonly id: string
  /** On the button of the sign-in page. */
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: readonly string[]
  /** The claim that lists a person's groups. */
  readonly groupsClaim: string
  /** The role that a group has in a workspace. */
  readonly roles: readonly GroupRole[]
}

export type GroupRole = {
  readonly workspaceId: WorkspaceId
  readonly group: string
  readonly role: DeviceRole
}

const ORDER: readonly DeviceRole[] = ['viewer', 'scout', 'agronomist', 'admin']

/** Of each workspace that the provider determines: the most that the groups allow, null where none does (PEO-18). */
export function rolesOfGroups(
  mapping: readonly GroupRole[],
  groups: readonly string[],
): { workspaceId: WorkspaceId; role: DeviceRole | null }[] {
  return [...new Set(mapping.map(({ workspaceId }) => workspaceId))].map((workspaceId) => {
    const granted = mapping.filter((each) => each.workspaceId === workspaceId && groups.includes(each.group))
    const role = ORDER.findLast((each) => granted.some((one) => one.role === each))
    return { workspaceId, role: role ?? null }
  })
}

/** The groups of a claim: a list of texts, or one text; anything else is none. */
export function groupsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return [claim]
  return Array.isArray(claim) ? claim.filter((each): each is string => typeof each === 'string') : []
}
