import type { WorkspaceWrite } from '@fieldsync/db'

/** A decided write that waits for its outcome, and how many characters it sends. */
type Call = { readonly write: WorkspaceWrite; readonly weight: number }

// Small writes share a flush to disk; a large one is worth its own, and should not keep small ones waiting.
const MOST_CHARACTERS = 512 * 1024
const MOST_WRITES = 64
// Rounds are carried out one after the other: many of them gain little over another group.
const MOST_ROUNDS = 8

/** A write that shares its group with no other because of its size. */
export const isLarge = ({ weight }: Call): boolean => weight > MOST_CHARACTERS

/** What a group has of one workspace. */
type Part = {
  readonly devices: Set<string>
  readonly touched: Set<string>
  readonly exclusive: boolean
  /** The last one that has a write of it. */
  round: number
  /** A write of that round changes stored records. */
  changed: boolean
}

/**
 * Writes of one or several workspaces that share a transaction (BAT-1), and in which rounds. Which ones may: what one of them
 * writes, another was not decided on, and no two are of one device, hence none under the same key. A write that changes
 * stored records moves them in the log, past the pages of those before it, so it is the first of its workspace in its round; a
 * second one takes the next round.
 */
export class CommitGroup<Member extends Call> {
  readonly #oneWorkspace: boolean
  readonly #rounds: Member[][] = []
  readonly #parts = new Map<string, Part>()
  #size = 0
  #weight = 0
  #isFull = false

  /** @param oneWorkspace whether all writes are of the same workspace */
  constructor({ oneWorkspace }: { oneWorkspace: boolean }) {
    this.#oneWorkspace = oneWorkspace
  }

  /** Another call did not fit for its size. */
  get isFull(): boolean {
    return this.#isFull
  }

  get workspaces(): string[] {
    return [...this.#parts.keys()]
  }

  /** In the order in which they are carried out; rounds count from 1. */
  get members(): { call: Member; round: number }[] {
    return this.#rounds.flatMap((calls, i) => calls.map((call) => ({ call, round: i + 1 })))
  }

  /** Adds a call if it may share the group; the first one always may. */
  take(call: Member): boolean {
    const { write, weight } = call
    const fits = this.#size < MOST_WRITES && this.#weight + weight <= MOST_CHARACTERS
    if (this.#size > 0 && !fits) {
      this.#isFull = true
      return false
    }
    const part = this.#parts.get(write.workspaceId)
    const isPlaced = part ? this.#join(part, call) : this.#begin(call)
    if (!isPlaced) return false
    this.#size++
    this.#weight += weight
    return true
  }

  #begin(call: Member): boolean {
    if (this.#oneWorkspace && this.#size > 0) return false
    const { workspaceId, deviceId, touches, exclusive } = call.write
    this.#parts.set(workspaceId, {
      devices: new Set([deviceId]),
      touched: new Set(touches),
      exclusive,
      round: 0,
      changed: changesRecords(call.write),
    })
    this.#round(0).push(call)
    return true
  }

  #join(part: Part, call: Member): boolean {
    const { deviceId, touches, exclusive } = call.write
    if (exclusive || part.exclusive || part.devices.has(deviceId)) return false
    if (touches.some((id) => part.touched.has(id))) return false
    const changes = changesRecords(call.write)
    if (changes && part.changed) {
      if (part.round + 1 === MOST_ROUNDS) return false
      part.round++
    }
    // Before the others of its workspace; those of other workspaces do not matter.
    if (changes) this.#round(part.round).unshift(call)
    else this.#round(part.round).push(call)
    part.changed ||= changes
    part.devices.add(deviceId)
    for (const id of touches) part.touched.add(id)
    return true
  }

  #round(index: number): Member[] {
    return (this.#rounds[index] ??= [])
  }
}

const changesRecords = ({ changedObservations, changedRecommendations }: WorkspaceWrite): boolean =>
  changedObservations.length > 0 || changedRecommendations.length > 0
