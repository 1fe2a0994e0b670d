import { setImmediate as nextTurn } from 'node:timers/promises'

import type { LivePokeEvent } from '@fieldsync/contracts'
import { type Database, type JobCounts, PageReader } from '@fieldsync/db'

import type { AuthenticatedActor, KnownCaller } from './actor.ts'
import type { CommitScope } from './commit-queue.ts'
import { ContactLog } from './contact-log.ts'
import type { Peppers } from './derived-key.ts'
import { DeviceStateBuffer } from './device-state-buffer.ts'
import type { LiveWeather } from './live-weather.ts'
import { Nonces, type ProofMemory } from './nonces.ts'
import { RecentMap } from './recent-map.ts'
import { SecurityLog } from './security-log.ts'
import { SigningKeys } from './signing-keys.ts'
import type { Telemetry } from './telemetry.ts'
import { WorkspaceQueue } from './workspace-queue.ts'

const QUIET_LIMIT_MS = 1000

/** The live pokes of one process (LIV rules). */
export type Live = AsyncDisposable & {
  /**
   * Connects a caller to its workspace.
   * @throws ServiceError UNAVAILABLE when there is no room, or the server drains
   */
  open(actor: AuthenticatedActor): AsyncIterable<LivePokeEvent> | Promise<AsyncIterable<LivePokeEvent>>
  /**
   * A write has moved the workspace's head. Called after its commit and never inside it: a NOTIFY would make every
   * commit of the cluster wait for its turn.
   */
  changed(workspaceId: string): void
  /** Ends every stream with a hint to come again. */
  drain(): void
  /** Streams that are open. */
  readonly size: number
  /** Workspaces and devices that are remembered for their streams. */
  readonly indexed: number
}

/** The jobs that this process does (JOB rules). */
export type Jobs = AsyncDisposable & {
  /** Jobs that are being done here. */
  readonly running: number
  /** Of the whole queue, a few seconds old. */
  readonly counts: JobCounts
  /** Takes no more, and waits for those that are being done; after that time they are given back to the queue. */
  stop(withinMs: number): Promise<void>
}

/** What a call of a device says of checkpoints. */
export type ReportingCall = {
  readonly workspaceId: string
  readonly deviceId: string
  /** The note that it reports. */
  readonly reported: string | undefined
  /** The contract version that it announces. */
  readonly contract: string | undefined
}

/** Where a server writes checkpoints, and what it found, as of its last round over all workspaces. */
export type CheckpointState = {
  readonly stores: readonly { readonly kind: 'folder' | 'bucket'; readonly failing: boolean }[]
  readonly problems: ReadonlyMap<string, 'cut' | 'rewritten' | 'broken'>
}

/** Checkpoints of the audit between this server and its devices (AUD-32, AUD-33). */
export type CheckpointExchange = {
  /** What the answer to a call carries of them: JSON to put before its closing brace, empty for most. It asks nobody. */
  answerField: (call: ReportingCall) => string
  newest: (workspaceId: string) => { readonly seq: number; readonly note: string } | undefined
  /** Public keys by which a note counts. */
  readonly verifierKeys: readonly string[]
  readonly round: CheckpointState
  /** Some chain contradicts a checkpoint that a store or a device has. */
  readonly contradicted: boolean
  /** What the stores of this server have of a chain. @throws Error where one fails */
  stored: (workspaceId: string) => Promise<readonly { seq: number; hash: string }[]>
  /** An admin has acknowledged what contradicted a chain. */
  acknowledged: (workspaceId: string) => void
  /** Compares now what waits. */
  flush: () => Promise<void>
}

/** What health says of a server that can write. */
export type ServerCondition = {
  /** Some chain of the audit contradicts a checkpoint. */
  readonly isContradicted: boolean
  /** Background jobs that were given up. */
  readonly failedJobs: number
}

/** All processes of one server together, where there are several (RUN-54). */
export type ServerProcesses = {
  /** Of the server, whichever of its processes is asked. @throws ServiceError UNAVAILABLE while one of them cannot write */
  condition(): Promise<ServerCondition>
}

/** Callers in memory; beyond, the one whose last call is the longest ago is dropped. */
const MAX_CALLERS = 10_000

/**
 * What the calls of one server share: its database, and everything that it keeps in memory. The server's composition
 * creates it, once. No other server knows any of it, and nothing that must not be lost is only here.
 */
export class Runtime {
  readonly db: Database
  /** Keyed-hash secret of device tokens, kept outside the database. */
  readonly pepper: Buffer
  /** The same, and the previous ones, whose credentials are accepted. */
  readonly peppers: Peppers
  /** Callers that were verified, by a digest of their token, the one that called last at the end. */
  readonly accessCache = new RecentMap<KnownCaller>(MAX_CALLERS)
  /** Nonces of proofs of possession. */
  readonly nonces: Nonces
  /** The proofs that were used. */
  readonly proofs: ProofMemory
  /** What access tokens are signed with. */
  readonly signingKeys: SigningKeys
  readonly queue: WorkspaceQueue
  readonly pages: PageReader
  readonly deviceStates: DeviceStateBuffer
  readonly security: SecurityLog
  /** Undefined where this process counts nothing. */
  readonly telemetry: Telemetry | undefined
  /** Undefined while this process sends no live pokes. */
  live: Live | undefined
  /** Undefined while this process does no jobs. */
  jobs: Jobs | undefined
  /** Undefined while this process records no first syncs of a day. */
  contacts: ContactLog | undefined
  /** Undefined while this process takes no part in checkpoints. */
  checkpoints: CheckpointExchange | undefined
  /** Undefined where this process is the whole server. */
  processes: ServerProcesses | undefined
  /** Undefined where this server has no weather service. */
  weather: LiveWeather | undefined

  constructor(parts: {
    db: Database
    pepper: Buffer
    previousPepper?: Buffer | undefined
    telemetry?: Telemetry | undefined
    /** Which writes share transactions, and which pulls statements (BAT-1). */
    commitScope?: CommitScope | undefined
    /** Where used proofs are in memory; by default here. */
    proofs?: ProofMemory | undefined
  }) {
    const { db, pepper, previousPepper, telemetry, commitScope = 'all', proofs } = parts
    this.db = db
    this.telemetry = telemetry
    this.pepper = pepper
    this.peppers = previousPepper ? [pepper, previousPepper] : [pepper]
    this.nonces = new Nonces(this.peppers)
    this.proofs = proofs ?? this.nonces
    this.signingKeys = new SigningKeys({ db, peppers: this.peppers })
    this.queue = new WorkspaceQueue(db, { scope: commitScope, telemetry })
    const oneWorkspace = commitScope === 'workspace'
    this.pages = new PageReader(db, { oneWorkspace })
    this.deviceStates = new DeviceStateBuffer(db, { oneWorkspace })
    this.security = new SecurityLog(db)
  }

  /** From now on this process records the first sync of each device on a day (AUD-17). */
  recordContacts(): void {
    this.contacts ??= new ContactLog(this.db)
  }

  /** Before open requests are waited for: ends the streams of live pokes, which never end by themselves. */
  drain(): void {
    this.live?.drain()
  }

  /**
   * After the last request: stops jobs and live pokes and stores the device states that wait. The database stays open.
   * @throws what storing them failed with
   */
  async close(): Promise<void> {
    await this.jobs?.[Symbol.asyncDispose]()
    await this.#quiet()
    const [flushed] = await Promise.allSettled([
      this.deviceStates.flush(),
      this.contacts?.flush(),
      this.security.flush(),
      this.live?.[Symbol.asyncDispose](),
      this.checkpoints?.flush(),
    ])
    if (flushed.status === 'rejected') throw flushed.reason
  }

  /**
   * Waits until no call works any more: one whose caller went away is not waited for by the server's drain, and would
   * note its device's state after the last ones were stored.
   */
  async #quiet(): Promise<void> {
    const { pool } = this.db
    const isBusy = (): boolean =>
      pool.totalCount > pool.idleCount || pool.waitingCount > 0 || this.queue.size > 0
    const limit = performance.now() + QUIET_LIMIT_MS
    while (isBusy() && performance.now() < limit) await nextTurn()
  }

  /**
   * What calls have left behind here although all of them have ended, in words; empty where each gave back what it
   * took. For the end of a server, and of a test.
   */
  leftOver(): string[] {
    const { totalCount, idleCount, waitingCount } = this.db.pool
    const found: [count: number, what: string][] = [
      [this.queue.size, 'workspaces with writes that wait'],
      [this.live?.size ?? 0, 'live streams'],
      [this.live?.indexed ?? 0, 'workspaces and devices of live streams'],
      [this.jobs?.running ?? 0, 'running jobs'],
      [this.deviceStates.size, 'device states that wait'],
      [this.weather?.size ?? 0, 'cells whose weather is being asked for'],
      [this.contacts?.size ?? 0, 'workspaces with first syncs that wait'],
      [totalCount - idleCount, 'connections in use'],
      [waitingCount, 'calls that wait for a connection'],
    ]
    return found.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  }
}
