import {
  commitGroup,
  type Database,
  isTimeout,
  isUnavailable,
  isWriteOutcome,
  type WorkspaceWrite,
  type WriteOutcome,
} from '@fieldsync/db'

import { CommitGroup, isLarge } from './commit-group.ts'
import type { Telemetry } from './telemetry.ts'

/** Which writes share transactions: those of all workspaces, or only those of the same one. */
export type CommitScope = 'all' | 'workspace'

// The next group gathers while one is carried out and flushed: the larger it is, the less each of its writes costs. It is sent
// beside the first one only when it can grow no more. Large writes and those that wait for their workspace are not counted.
const GROUPS_AT_ONCE = 2

type Call = {
  readonly write: WorkspaceWrite
  readonly weight: number
  /** When it came, in milliseconds; 0 where waits are not measured. */
  readonly since: number
  readonly resolve: (outcome: WriteOutcome) => void
  readonly reject: (error: unknown) => void
}

type Member = { readonly call: Call; readonly round: number }

/**
 * The decided writes of this process on their way to the database. A write that finds room is carried out with those of the
 * same turn of the event loop and waits for no others; those that arrive in the meantime share the next group, in order
 * of arrival ({@link CommitGroup}). A workspace is in one group at a time: its writes take turns at its head row anyway.
 */
export class CommitQueue {
  readonly #db: Database
  readonly #scope: CommitScope
  readonly #telemetry: Telemetry | undefined
  #waiting: Call[] = []
  /** Workspaces with a write in the database. */
  readonly #busy = new Set<string>()
  #groups = 0
  #willStart = false

  constructor(db: Database, { scope, telemetry }: { scope: CommitScope; telemetry: Telemetry | undefined }) {
    this.#db = db
    this.#scope = scope
    this.#telemetry = telemetry
  }

  /** Workspaces with writes that wait or are under way. */
  get workspaces(): ReadonlySet<string> {
    return new Set([...this.#busy, ...this.#waiting.map(({ write }) => write.workspaceId)])
  }

  commit(write: WorkspaceWrite): Promise<WriteOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<WriteOutcome>()
    const since = this.#telemetry ? performance.now() : 0
    this.#waiting.push({ write, weight: charactersOf(write), since, resolve, reject })
    this.#startSoon()
    return promise
  }

  #startSoon(): void {
    if (this.#willStart || this.#waiting.length === 0) return
    this.#willStart = true
    setImmediate(() => {
      this.#willStart = false
      for (let taken = this.#take(); taken; taken = this.#take()) void this.#run(taken.group, taken)
    })
  }

  /** The next group; undefined where nothing may start now. */
  #take(): { group: CommitGroup<Call>; counted: boolean } | undefined {
    const everyWorkspaceAtOnce = this.#scope === 'workspace'
    const group = new CommitGroup<Call>({ oneWorkspace: everyWorkspaceAtOnce })
    const hasRoom = everyWorkspaceAtOnce || this.#groups < GROUPS_AT_ONCE
    let isLargeOne = false
    const left = this.#waiting.filter((call) => {
      if (this.#busy.has(call.write.workspaceId) || isLargeOne) return true
      if (!hasRoom && !isLarge(call)) return true
      if (!group.take(call)) return true
      isLargeOne = isLarge(call)
      return false
    })
    if (left.length === this.#waiting.length) return undefined
    if (this.#groups > 0 && !isLargeOne && !group.isFull) return undefined
    this.#waiting = left
    return { group, counted: !everyWorkspaceAtOnce && !isLargeOne }
  }

  async #run(group: CommitGroup<Call>, { counted }: { counted: boolean }): Promise<void> {
    for (const workspaceId of group.workspaces) this.#busy.add(workspaceId)
    if (counted) this.#groups++
    const held = await this.#carryOut(group.members, { wait: this.#scope === 'workspace' })
    if (counted) this.#groups--
    const byWorkspace = Map.groupBy(held, ({ call }) => call.write.workspaceId)
    for (const workspaceId of group.workspaces) {
      const members = byWorkspace.get(workspaceId)
      if (members) void this.#waitFor(workspaceId, members)
      else this.#busy.delete(workspaceId)
    }
    this.#startSoon()
  }

  /** Writes of a workspace that is locked elsewhere wait for it by themselves, and keep no others waiting. */
  async #waitFor(workspaceId: string, members: readonly Member[]): Promise<void> {
    await this.#carryOut(members, { wait: true })
    this.#busy.delete(workspaceId)
    this.#startSoon()
  }

  /** @returns those whose workspace is held; all others have their outcome */
  async #carryOut(members: readonly Member[], { wait }: { wait: boolean }): Promise<Member[]> {
    const held: Member[] = []
    const again: Member[] = []
    try {
      const outcomes = await this.#send(members, wait)
      for (const [i, member] of members.entries()) {
        const outcome = outcomes[i]
        if (!outcome) throw new Error(`a group answered ${outcomes.length} of ${members.length} writes`)
        if (isWriteOutcome(outcome)) member.call.resolve(outcome)
        else if (outcome.outcome === 'held') held.push(member)
        else again.push(member)
      }
    } catch (error) {
      if (isTimeout(error)) this.#rejectThoseBehind(members, wait, error)
      // One write that the database cannot carry out must not fail the others that happened to share a group with it.
      if (members.length === 1 || isUnavailable(error)) for (const { call } of members) call.reject(error)
      else again.push(...members)
    }
    for (const member of again) held.push(...(await this.#carryOut([{ ...member, round: 1 }], { wait })))
    return held
  }

  async #send(members: readonly Member[], wait: boolean): ReturnType<typeof commitGroup> {
    const started = this.#telemetry ? performance.now() : 0
    const group = members.map(({ call: { write }, round }) => ({ write, round }))
    const outcomes = await this.#db.monitor.write(() => commitGroup(this.#db.pool, group, { wait }))
    this.#telemetry?.committedTogether(
      members.map(({ call }) => started - call.since),
      performance.now() - started,
    )
    return outcomes
  }

  /**
   * Calls that would wait as long again, and then the next: those of the same workspace where it was that which was waited for,
   * else all, since only the database itself makes a group wait.
   */
  #rejectThoseBehind(members: readonly Member[], wait: boolean, error: unknown): void {
    const workspaces = new Set(members.map(({ call }) => call.write.workspaceId))
    const isBehind = ({ write }: Call): boolean => !wait || workspaces.has(write.workspaceId)
    const behind = this.#waiting.filter(isBehind)
    this.#waiting = this.#waiting.filter((call) => !isBehind(call))
    for (const { reject } of behind) reject(error)
  }
}

function charactersOf(write: WorkspaceWrite): number {
  let characters = 0
  for (const value of Object.values(write)) {
    if (typeof value === 'string') characters += value.length
    else if (Array.isArray(value)) for (const text of value as string[]) characters += text.length
  }
  return characters
}
