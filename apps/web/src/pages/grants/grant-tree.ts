import type { GrantAction, GrantRecord, Playbook, SessionGrant } from '@fieldsync/contracts'
import {
  formatPointer,
  GRANT_ACTIONS,
  groupBy,
  isInForce,
  mayGrant,
  parsePointer,
  playbookGrant,
  uncoveredChanges,
} from '@fieldsync/domain'

/** A place of a playbook with the grants that are given for exactly it. */
export type Place = {
  readonly path: string
  readonly segments: readonly string[]
  readonly grants: readonly GrantRecord[]
}

/**
 * The places of a playbook where grants are shown and given: all of it, each rule, and every other place that somebody was granted,
 * each behind the one that contains it.
 */
export function placesOf({ rules }: Pick<Playbook, 'rules'>, grants: readonly GrantRecord[]): Place[] {
  const byPath = groupBy(grants, ({ path }) => path)
  const always = ['', ...Object.keys(rules).map((ruleId) => formatPointer(['rules', ruleId]))]
  return [...new Set([...always, ...byPath.keys()])]
    .flatMap((path) => {
      const segments = parsePointer(path)
      return segments ? [{ path, segments, grants: byPath.get(path) ?? [] }] : []
    })
    .toSorted((a, b) => compareSegments(a.segments, b.segments))
}

function compareSegments(a: readonly string[], b: readonly string[]): number {
  for (const [i, segment] of a.entries()) {
    const other = b[i]
    if (other === undefined) return 1
    if (segment !== other) return segment < other ? -1 : 1
  }
  return a.length - b.length
}

export type GrantState = 'holds' | 'begins' | 'over'

export function grantState(grant: SessionGrant, now: number): GrantState {
  const read = playbookGrant(grant)
  if (isInForce(read, new Date(now))) return 'holds'
  return read.notBefore !== null && read.notBefore.getTime() > now ? 'begins' : 'over'
}

/** The actions that the caller may give somebody at a place (GRA-7); all where the server names no grants. */
export function givableActions(
  own: readonly SessionGrant[] | undefined,
  wanted: Pick<SessionGrant, 'playbookId' | 'path' | 'notBefore' | 'expiresAt'>,
  now: number,
): GrantAction[] {
  if (!own) return [...GRANT_ACTIONS]
  const held = own.map(playbookGrant)
  return GRANT_ACTIONS.filter((action) =>
    mayGrant(held, playbookGrant({ ...wanted, actions: [action] }), new Date(now)),
  )
}

/** Why a value may not be changed: no grant, or one that is over or has not begun, with the instant. */
export type Withheld = { readonly why: 'missing' } | { readonly why: 'ended' | 'begins'; readonly at: string }

/** What keeps the caller from editing a value; undefined where nothing does, or where the server names no grants. */
export function withheldAt(
  own: readonly SessionGrant[] | undefined,
  { playbookId }: Pick<Playbook, 'playbookId'>,
  path: readonly string[],
  now: number,
): Withheld | undefined {
  if (!own) return undefined
  const edit = { path, action: 'edit' } as const
  const [missing] = uncoveredChanges(own.map(playbookGrant), playbookId, [edit], new Date(now))
  if (!missing) return undefined
  const { notBefore = null, expiresAt = null } = missing.outOfForce ?? {}
  if (notBefore !== null && notBefore.getTime() > now) return { why: 'begins', at: notBefore.toISOString() }
  return expiresAt === null ? { why: 'missing' } : { why: 'ended', at: expiresAt.toISOString() }
}
