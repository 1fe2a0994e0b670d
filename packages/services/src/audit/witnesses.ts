import { isOlderContract } from '@fieldsync/contracts'
import { type ChainHead, checkpointOfNote, checkpointOrigin } from '@fieldsync/domain'

import type { AdminContext } from '../core/context.ts'
import type { CheckpointExchange, CheckpointState, ReportingCall } from '../core/runtime.ts'
import { mapUnavailable } from '../core/verb.ts'
import { type CheckpointStore, readSignedCheckpoints, storedCheckpoints } from './checkpoint-store.ts'
import type { CheckpointProblem, CheckpointRound, NewestCheckpoint } from './checkpoints.ts'
import { type Contradiction, contradictionsOf, unacknowledged } from './contradictions.ts'

/** A device shows that the chain is not the one that it was. */
export type WitnessFinding = Contradiction & { readonly workspaceId: string; readonly deviceId: string }

/** What a note that a device reported came to; `lost`: acknowledged · `unknown`: not signed by a known key, or of another chain. */
type Verdict = 'agrees' | 'lost' | 'unknown' | Contradiction['kind']
/** What rounds over all workspaces know, for a process that makes none itself: all of it, or what has changed. */
export type CheckpointNews = {
  readonly newest: readonly (readonly [workspaceId: string, newest: NewestCheckpoint])[]
  readonly stores: CheckpointState['stores']
  readonly problems: readonly (readonly [workspaceId: string, kind: CheckpointProblem['kind']])[]
}

type Compared = { readonly verdict: Verdict; readonly until: number }
type Outcome = { readonly verdict: Verdict; readonly contradiction?: Contradiction }
type Waiting = { readonly workspaceId: string; readonly deviceId: string; readonly note: string }

/** Clients from this version on keep checkpoints and report them. */
const SINCE = '1.7.0'
/** A chain may be rewritten after it was compared: then the note is compared again. */
const COMPARED_FOR_MS = 15 * 60_000
const MOST_COMPARED = 20_000
const MOST_WAITING = 1000
const COMPARE_AFTER_MS = 100

const isContradiction = (verdict: Verdict | undefined): boolean =>
  verdict === 'cut' || verdict === 'rewritten'

const CHAIN = `SELECT workspace_uid AS uid FROM workspaces WHERE workspace_id = $1`

/**
 * Gives each device the newest checkpoint, and compares what devices report with the chain (AUD-32, AUD-33). Answers wait for
 * nothing: a note that is not this server's newest is compared behind them, once for all devices that report it, and a device
 * gets a newer one only when its own was found in the chain. So a device that could show a rewritten chain goes on showing it.
 */
export class Witnesses implements CheckpointExchange {
  readonly #ctx: AdminContext
  readonly #verifierKeys: readonly string[]
  readonly #onFinding: (finding: WitnessFinding) => void
  readonly #onAcknowledged: (workspaceId: string) => void
  readonly #newest = new Map<string, NewestCheckpoint>()
  readonly #compared = new Map<string, Compared>()
  readonly #found = new Map<string, WitnessFinding>()
  readonly #waiting = new Map<string, Waiting>()
  #timer: NodeJS.Timeout | undefined
  #comparing: Promise<void> = Promise.resolve()

  readonly #stores: readonly CheckpointStore[]
  round: CheckpointState = { stores: [], problems: new Map() }

  /**
   * @param options.verifierKeys of this server's key and the earlier ones
   * @param options.stores where this server writes
   * @param options.onFinding once for each device and checkpoint that contradict the chain
   * @param options.onAcknowledged an admin has acknowledged here what contradicted a chain
   */
  constructor(
    ctx: AdminContext,
    options: {
      verifierKeys: readonly string[]
      stores: readonly CheckpointStore[]
      onFinding?: (finding: WitnessFinding) => void
      onAcknowledged?: (workspaceId: string) => void
    },
  ) {
    this.#ctx = ctx
    this.#verifierKeys = options.verifierKeys
    this.#stores = options.stores
    this.#onFinding = options.onFinding ?? (() => undefined)
    this.#onAcknowledged = options.onAcknowledged ?? (() => undefined)
  }

  get verifierKeys(): readonly string[] {
    return this.#verifierKeys
  }

  /** A store has this checkpoint: devices get it from now on. */
  know(workspaceId: string, newest: NewestCheckpoint): void {
    this.#newest.set(workspaceId, newest)
  }

  newest(workspaceId: string): NewestCheckpoint | undefined {
    return this.#newest.get(workspaceId)
  }

  answerField({ workspaceId, deviceId, reported, contract }: ReportingCall): string {
    const newest = this.#newest.get(workspaceId)
    if (reported === newest?.note && reported !== undefined) return ''
    if (reported !== undefined) {
      const verdict = this.#verdictOf(workspaceId, deviceId, reported)
      if (verdict === undefined || isContradiction(verdict)) return ''
      if (newest && (checkpointOfNote(reported)?.seq ?? 0) >= newest.seq) return ''
    }
    if (!newest || contract === undefined || isOlderContract(contract, SINCE)) return ''
    return `,"checkpoint":${JSON.stringify(newest.note)}`
  }

  get contradicted(): boolean {
    return this.#found.size > 0 || this.round.problems.size > 0
  }

  /** Takes over what a round over all workspaces has found. */
  rounded({ problems, failures }: CheckpointRound): void {
    const failing = new Set(failures.map(({ store }) => store))
    this.learn({
      newest: [],
      stores: this.#stores.map(({ kind, name }) => ({ kind, failing: failing.has(name) })),
      problems: problems.map(({ workspaceId, kind }) => [workspaceId, kind]),
    })
  }

  /** The same from another process of this server, which makes the rounds. */
  learn({ newest, stores, problems }: CheckpointNews): void {
    for (const [workspaceId, checkpoint] of newest) this.know(workspaceId, checkpoint)
    // A chain that contradicts a checkpoint gives devices none, and what they have is compared.
    for (const [workspaceId] of problems) this.#newest.delete(workspaceId)
    this.round = { stores, problems: new Map(problems) }
  }

  /** All that rounds know, for a process that begins. */
  get news(): CheckpointNews {
    const { stores, problems } = this.round
    return { newest: [...this.#newest], stores, problems: [...problems] }
  }

  async stored(workspaceId: string): Promise<readonly ChainHead[]> {
    const origin = await this.#origin(workspaceId)
    const found: ChainHead[] = []
    for (const store of this.#stores)
      found.push(...(await storedCheckpoints(store, origin, this.#verifierKeys)))
    return found
  }

  /** An admin has acknowledged here what was found in a workspace. */
  acknowledged(workspaceId: string): void {
    this.forget(workspaceId)
    this.#onAcknowledged(workspaceId)
  }

  /** Forgets what was found in a workspace: it is acknowledged. */
  forget(workspaceId: string): void {
    const problems = [...this.round.problems].filter(([id]) => id !== workspaceId)
    this.round = { ...this.round, problems: new Map(problems) }
    for (const [key, found] of this.#found) if (found.workspaceId === workspaceId) this.#found.delete(key)
    for (const key of this.#compared.keys())
      if (key.startsWith(`${workspaceId}\n`)) this.#compared.delete(key)
  }

  /** Compares now what waits. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const before = this.#comparing
    this.#comparing = before.then(() => this.#compareAll())
    return this.#comparing
  }

  #verdictOf(workspaceId: string, deviceId: string, note: string): Verdict | undefined {
    const key = `${workspaceId}\n${note}`
    const known = this.#compared.get(key)
    const isDue = known === undefined || known.until <= this.#ctx.clock.now().getTime()
    // A note that contradicts the chain is compared for each device, so that all of them are found; any other once.
    const isNew = isContradiction(known?.verdict) && !this.#found.has(`${key}\n${deviceId}`)
    if ((isDue || isNew) && this.#waiting.size < MOST_WAITING) {
      this.#waiting.set(isNew ? `${key}\n${deviceId}` : key, { workspaceId, deviceId, note })
      this.#timer ??= setTimeout(() => void this.flush(), COMPARE_AFTER_MS).unref()
    }
    return isDue ? undefined : known.verdict
  }

  async #compareAll(): Promise<void> {
    // Each waits until it was compared: what is reported meanwhile is not compared a second time.
    for (const [key, each] of this.#waiting) {
      try {
        this.#file(each, await this.#compare(each))
      } catch {
        // The database is away: the device reports it again.
      }
      this.#waiting.delete(key)
    }
  }

  #file({ workspaceId, deviceId, note }: Waiting, { verdict, contradiction }: Outcome): void {
    this.#note(`${workspaceId}\n${note}`, verdict)
    const mine = `${workspaceId}\n${note}\n${deviceId}`
    if (!contradiction) this.#found.delete(mine)
    else if (!this.#found.has(mine)) {
      const finding = { workspaceId, deviceId, ...contradiction }
      this.#found.set(mine, finding)
      this.#onFinding(finding)
    }
  }

  #note(key: string, verdict: Verdict): void {
    this.#compared.delete(key)
    const [oldest] = this.#compared.keys()
    if (this.#compared.size >= MOST_COMPARED && oldest !== undefined) this.#compared.delete(oldest)
    this.#compared.set(key, { verdict, until: this.#ctx.clock.now().getTime() + COMPARED_FOR_MS })
  }

  async #compare({ workspaceId, note }: Waiting): Promise<Outcome> {
    const [checkpoint] = readSignedCheckpoints([note], this.#verifierKeys)
    if (!checkpoint) return { verdict: 'unknown' }
    if (checkpoint.origin !== (await this.#origin(workspaceId))) return { verdict: 'unknown' }
    const contradictions = await contradictionsOf(this.#ctx, workspaceId, [checkpoint])
    const [open] = await unacknowledged(this.#ctx, workspaceId, contradictions)
    if (open) return { verdict: open.kind, contradiction: open }
    return { verdict: contradictions.length > 0 ? 'lost' : 'agrees' }
  }

  async #origin(workspaceId: string): Promise<string> {
    const { rows } = await mapUnavailable(() =>
      this.#ctx.runtime.db.pool.query<{ uid: string }>(CHAIN, [workspaceId]),
    )
    return checkpointOrigin(workspaceId, rows[0]?.uid ?? '')
  }
}
