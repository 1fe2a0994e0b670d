import type { SyncBatchResponse } from '@fieldsync/contracts'

import type { ServerAnswer } from '../server-call.ts'

/** What the servers of one script call the same things. */
export type Pairings = { readonly cursors: CursorPairing; readonly conflictIds: Pairing }

/**
 * How the answers of two servers to one call differ. The names that a server makes may be others, as long as each goes
 * with one of the other server: conflict ids, and cursors in their order. The wording of an error is its own.
 */
export function compareResponses(
  workspace: string,
  one: ServerAnswer,
  other: ServerAnswer,
  pairings: Pairings,
): Difference | undefined {
  const heads = [one, other].map(({ status, headers }) => ({
    status,
    replayed: headers['idempotency-replayed'],
  }))
  const head = firstDifference(heads[0], heads[1])
  if (head) return { ...head, one: one.body, other: other.body }
  if (one.status !== 200) return firstDifference(errorIn(one), errorIn(other), '/error')
  const [a, b] = [JSON.parse(one.body), JSON.parse(other.body)] as [SyncBatchResponse, SyncBatchResponse]
  const misplaced = pairings.cursors.pair(workspace, a.serverCursor, b.serverCursor)
  if (misplaced !== undefined) {
    return { at: `/serverCursor (${misplaced})`, one: a.serverCursor, other: b.serverCursor }
  }
  for (const [i, { conflictId }] of a.conflicts.entries()) {
    const paired = b.conflicts[i]?.conflictId
    if (paired !== undefined && !pairings.conflictIds.pair(conflictId, paired)) {
      return {
        at: `/conflicts/${i}/conflictId (does not go with the other)`,
        one: a.conflicts[i],
        other: b.conflicts[i],
      }
    }
  }
  return firstDifference(withoutNames(a), withoutNames(b))
}

function errorIn({ body }: ServerAnswer): unknown {
  const { error } = JSON.parse(body) as { error: Record<string, unknown> }
  const { message: _message, traceId: _traceId, ...shown } = error
  return withoutWording(shown)
}

/** What is wrong with a text that is not JSON, each parser says in its own words. */
function withoutWording(shown: Record<string, unknown>): unknown {
  const { details } = shown as { details?: { issues?: { path: string; message: string }[] } }
  if (!details?.issues) return shown
  const issues = details.issues.map((issue) => (issue.path === '' ? { path: '' } : issue))
  return { ...shown, details: { ...details, issues } }
}

function withoutNames(answer: SyncBatchResponse): unknown {
  const { serverCursor: _cursor, ...shown } = answer
  const conflicts = answer.conflicts.map((conflict) => ({ ...conflict, conflictId: '' }))
  return { ...shown, conflicts }
}

/** Names that two servers give to the same things: each name of one goes with one name of the other. */
export class Pairing {
  readonly #forth = new Map<string, string>()
  readonly #back = new Map<string, string>()

  /** Notes that both names mean the same. @returns false if either is known to mean something else */
  pair(one: string, other: string): boolean {
    const [known, knownBack] = [this.#forth.get(one), this.#back.get(other)]
    if (known === undefined && knownBack === undefined) {
      this.#forth.set(one, other)
      this.#back.set(other, one)
      return true
    }
    return known === other && knownBack === one
  }

  /** The first server's name of what the second calls `other`. */
  back(other: string): string | undefined {
    return this.#back.get(other)
  }
}

/** Cursors of two servers that stand for the same positions, in the same order. */
export class CursorPairing {
  readonly #names = new Pairing()
  readonly #order = new Map<string, { one: number; other: number }[]>()

  /** Notes that both were answered to the same call. @returns what is wrong with that, if something is */
  pair(workspace: string, one: string, other: string): string | undefined {
    if (!this.#names.pair(one, other)) return 'one cursor stands for two positions'
    const position = { one: numberIn(one), other: numberIn(other) }
    const known = this.#order.get(workspace) ?? []
    const inOrder = known.every(
      (each) => Math.sign(each.one - position.one) === Math.sign(each.other - position.other),
    )
    this.#order.set(workspace, [...known, position])
    return inOrder ? undefined : 'the cursors are not in the same order'
  }

  /** After a restore, positions are given out a second time. */
  forgetOrder(): void {
    this.#order.clear()
  }
}

/** The position that a cursor of the model, or of the real server, names. */
const numberIn = (cursor: string): number => Number(/^(?:model \S+ |cur1_)(\d+)/.exec(cursor)?.[1])

/** Where two JSON values differ first, as a JSON Pointer, and what stands there in each. */
export type Difference = { at: string; one: unknown; other: unknown }

/** Members that are absent and members that are undefined are the same; a Map is as the object of its entries. */
export function firstDifference(one: unknown, other: unknown, at = ''): Difference | undefined {
  if (Object.is(one, other)) return undefined
  const [a, b] = [membersOf(one), membersOf(other)]
  if (!a || !b || Array.isArray(one) !== Array.isArray(other)) return { at, one, other }
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const found = firstDifference(a.get(key), b.get(key), `${at}/${key}`)
    if (found) return found
  }
  return undefined
}

function membersOf(value: unknown): Map<string, unknown> | undefined {
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [String(key), each]))
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined
}
