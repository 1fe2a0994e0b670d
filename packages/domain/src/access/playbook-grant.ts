import type { GrantAction, PlaybookId } from '@fieldsync/contracts'

import { documentChanges, type DocumentChange } from '../json-patch/document-changes.ts'
import { formatPointer, parsePointer } from '../json-patch/pointer.ts'

export { GRANT_ACTIONS, type GrantAction } from '@fieldsync/contracts'

/** A part of the playbooks that one caller may change, for a time (GRA rules). */
export type PlaybookGrant = {
  /** Null for every playbook of the workspace. */
  readonly playbookId: PlaybookId | null
  /** JSON Pointer: the place itself and all below it, by segment. */
  readonly path: string
  readonly actions: readonly GrantAction[]
  /** First instant at which it holds; null for no beginning. */
  readonly notBefore: Date | null
  /** First instant at which it holds no longer; null for no end. */
  readonly expiresAt: Date | null
}

/** True at the instants at which a grant holds. */
export const isInForce = ({ notBefore, expiresAt }: PlaybookGrant, at: Date): boolean =>
  (notBefore === null || notBefore <= at) && (expiresAt === null || at < expiresAt)

/** What somebody asks to do at one place of a playbook. */
export type GrantedChange = { readonly path: readonly string[]; readonly action: GrantAction }

/** A change that no grant covers; `grant` is one that would, were it in force. */
export type UncoveredChange = GrantedChange & { readonly outOfForce: PlaybookGrant | undefined }

/**
 * The changes that none of the grants in force covers. Paths are compared segment by segment (PCH-10); a change of a whole
 * subtree is at its root, so that a grant further down does not cover it.
 */
export function uncoveredChanges(
  grants: readonly PlaybookGrant[],
  playbookId: PlaybookId,
  changes: readonly GrantedChange[],
  at: Date,
): UncoveredChange[] {
  const concerned = grants.flatMap((grant) => {
    const path = parsePointer(grant.path)
    const isMeant = grant.playbookId === null || grant.playbookId === playbookId
    return isMeant && path !== undefined ? [{ grant, path, inForce: isInForce(grant, at) }] : []
  })
  return changes.flatMap((change) => {
    const covering = concerned.filter(
      ({ grant, path }) => grant.actions.includes(change.action) && isAtOrBelow(change.path, path),
    )
    if (covering.some(({ inForce }) => inForce)) return []
    return [{ ...change, outOfForce: covering[0]?.grant }]
  })
}

const isAtOrBelow = (path: readonly string[], above: readonly string[]): boolean =>
  above.every((segment, i) => path[i] === segment)

// Set by the server with every version.
const SERVERS_OWN = new Set(['version', 'updatedAt'])

const isServersOwn = ({ path: [top] }: DocumentChange): boolean => SERVERS_OWN.has(top ?? '')

/**
 * What a patch asks for: each place that it changes, as the action that this takes. The version and its time are not asked
 * for by anybody.
 */
export const changesOfPatch = (before: object, after: object): GrantedChange[] =>
  documentChanges(before, after).flatMap((change) =>
    isServersOwn(change) ? [] : [{ path: change.path, action: change.kind }],
  )

/** What publishing a whole version asks for: `publish` at each place that it changes. */
export const changesOfVersion = (before: object | undefined, after: object): GrantedChange[] =>
  documentChanges(before, after).flatMap((change) =>
    isServersOwn(change) ? [] : [{ path: change.path, action: 'publish' }],
  )

/**
 * True if whoever holds `held` may grant `wanted`: one grant that lasts as long covers the place and every action, so that
 * nobody grants more than they hold.
 */
export function mayGrant(held: readonly PlaybookGrant[], wanted: PlaybookGrant, at: Date): boolean {
  const path = parsePointer(wanted.path)
  if (!path) return false
  return wanted.actions.every((action) =>
    held.some((grant) => {
      const above = parsePointer(grant.path)
      return (
        above !== undefined &&
        isAtOrBelow(path, above) &&
        grant.actions.includes(action) &&
        (grant.playbookId === null || grant.playbookId === wanted.playbookId) &&
        isInForce(grant, at) &&
        endsNoLater(wanted, grant)
      )
    }),
  )
}

const endsNoLater = (wanted: PlaybookGrant, held: PlaybookGrant): boolean =>
  held.expiresAt === null || (wanted.expiresAt !== null && wanted.expiresAt <= held.expiresAt)

/** How a change appears in a message and in an issue. */
export const changeText = ({ path, action }: GrantedChange): string =>
  `${action} ${formatPointer(path) || 'the whole playbook'}`
