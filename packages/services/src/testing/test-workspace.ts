import { randomBytes, randomUUID } from 'node:crypto'

import {
  DeviceId,
  Observation,
  type PatchApplyResult,
  PlaybookPatch,
  SyncBatchRequest,
  type SyncBatchResponse,
  WorkspaceId,
} from '@fieldsync/contracts'
import { type Database, type DatabaseOptions, openDatabase } from '@fieldsync/db'
import type { Role } from '@fieldsync/domain'
import {
  expectNothingLeft,
  type ObservationInput,
  type PlaybookPatchInput,
  syncBatch,
  type SyncBatchInput,
  type SyncBatchOverrides,
  testDatabase,
} from '@fieldsync/testkit'
import { afterAll } from 'vitest'

import { authenticate } from '../access/authenticate.ts'
import { mintToken } from '../access/device-token.ts'
import type { AdminContext, Clock, ServiceContext } from '../core/context.ts'
import type { Replayable } from '../core/json-text.ts'
import { Runtime } from '../core/runtime.ts'
import { createDevice } from '../devices/create.ts'
import { revokeDevice } from '../devices/revoke.ts'
import { applyPlaybookPatch } from '../playbooks/apply-patch.ts'
import { createObservation } from '../records/create.ts'
import { applyBatch } from '../sync/apply-batch.ts'
import { createWorkspace } from '../workspaces/create.ts'
import { systemContext } from '../write/admin-context.ts'
import { type BeforeStatement, interruptedDatabase } from './interrupted-database.ts'

/** A clock that a test sets. */
class TestClock implements Clock {
  time = new Date('2026-02-12T08:00:00.000Z')

  now(): Date {
    return this.time
  }

  advance(milliseconds: number): void {
    this.time = new Date(this.time.getTime() + milliseconds)
  }
}

/** `readUrl` of the read replicas, where there are some. */
type Urls = { appUrl: string; ownerUrl: string; superuserUrl: string; readUrl?: string | undefined }

type ServerOptions = Pick<DatabaseOptions, 'limits' | 'events'>

/** One server: a pool of its own on one test file's database, with the services on it. */
export class TestServices {
  readonly runtime: Runtime
  /** The tables' owner: for what operators do and for constraints and triggers that a test sets. */
  readonly owner: Database
  /** The cluster's superuser: for tampering. */
  readonly superuser: Database
  readonly clock: TestClock
  readonly urls: Urls
  readonly #pools: Database[]
  readonly #others: TestServices[] = []
  readonly #interrupted: Runtime[] = []
  readonly #leaks: string[] = []
  readonly #onWarning = ({ name, message }: Error): void => {
    // How Node says that listeners are added and never removed.
    if (name === 'MaxListenersExceededWarning') this.#leaks.push(message)
  }

  constructor(
    urls: Urls,
    shared: { clock: TestClock; pepper: Buffer } = { clock: new TestClock(), pepper: randomBytes(32) },
    options: ServerOptions = {},
  ) {
    this.runtime = new Runtime({
      db: openDatabase({ url: urls.appUrl, readUrl: urls.readUrl, max: 6, ...options }),
      pepper: shared.pepper,
    })
    this.owner = openDatabase({ url: urls.ownerUrl, max: 4 })
    this.superuser = openDatabase({ url: urls.superuserUrl, max: 2 })
    this.clock = shared.clock
    this.urls = urls
    this.#pools = [this.db, this.owner, this.superuser]
    process.on('warning', this.#onWarning)
  }

  get db(): Database {
    return this.runtime.db
  }

  get pepper(): Buffer {
    return this.runtime.pepper
  }

  /** Another server on the same database, or on a copy of it. */
  anotherServer(urls: Urls = this.urls, options: ServerOptions = {}): TestServices {
    const another = new TestServices(urls, this, options)
    this.#others.push(another)
    return another
  }

  /** What calls of this server meet where {@link interruptedDatabase} stands in for its database. */
  interrupted(before: BeforeStatement): Runtime {
    const runtime = new Runtime({ db: interruptedDatabase(this.db, before), pepper: this.pepper })
    this.#interrupted.push(runtime)
    return runtime
  }

  /**
   * Gives all connections back, those of other servers too.
   * @throws Error if something of a call is left, in memory or in the database
   */
  async close(): Promise<void> {
    const others = await Promise.allSettled(this.#others.splice(0).map((each) => each.close()))
    const runtimes = [this.runtime, ...this.#interrupted]
    try {
      for (const { deviceStates } of runtimes) await deviceStates.flush().catch(() => undefined)
      await expectNothingLeft(this.urls.superuserUrl, () => [
        ...runtimes.flatMap((each) => each.leftOver()),
        ...this.#leaks,
      ])
    } finally {
      process.off('warning', this.#onWarning)
      await Promise.all(this.#pools.splice(0).map((each) => each.close()))
    }
    for (const other of others) if (other.status === 'rejected') throw other.reason
  }

  get admin(): AdminContext {
    return {
      runtime: this.runtime,
      clock: this.clock,
      request: { requestId: randomUUID(), traceId: '0'.repeat(32), via: 'system', idempotencyKey: '' },
    }
  }

  /** The operator's context in one workspace. */
  system(workspaceId: WorkspaceId): Promise<ServiceContext> {
    return systemContext(this.admin, workspaceId)
  }

  /** A new workspace, so that tests of one file do not meet. */
  async workspace(): Promise<TestWorkspace> {
    const workspaceId = WorkspaceId.parse(`ws_${randomUUID()}`)
    await createWorkspace({ ctx: this.admin, input: { workspaceId } })
    return new TestWorkspace(this, workspaceId)
  }
}

export class TestWorkspace {
  readonly services: TestServices
  readonly workspaceId: WorkspaceId

  constructor(services: TestServices, workspaceId: WorkspaceId) {
    this.services = services
    this.workspaceId = workspaceId
  }

  /** A device with a token of its own; the builders' default author is `dev_scout_1`. */
  async device(deviceId: string, role: Role = 'scout'): Promise<TestDevice> {
    const { admin } = this.services
    const token = mintToken()
    const input = { deviceId: DeviceId.parse(deviceId), role, token }
    await createDevice({ ctx: await systemContext(admin, this.workspaceId), input })
    const actor = await authenticate({ ctx: admin, credentials: { deviceToken: token, bearer: undefined } })
    return new TestDevice(this.services, actor, token)
  }
}

/** One calling device. */
export class TestDevice {
  readonly services: TestServices
  readonly actor: ServiceContext['actor']
  readonly token: string
  readonly #runtime: Runtime

  constructor(
    services: TestServices,
    actor: ServiceContext['actor'],
    token: string,
    runtime: Runtime = services.runtime,
  ) {
    this.services = services
    this.actor = actor
    this.token = token
    this.#runtime = runtime
  }

  ctx(idempotencyKey: string = randomUUID()): ServiceContext {
    const runtime = this.#runtime
    const { clock } = this.services
    const request = { requestId: randomUUID(), traceId: '0'.repeat(32), via: 'rest', idempotencyKey } as const
    return { runtime, clock, actor: this.actor, request }
  }

  /** The operator revokes this device. */
  async revoke(): Promise<void> {
    const { workspaceId, deviceId } = this.actor
    const ctx = await systemContext(this.services.admin, workspaceId)
    await revokeDevice({ ctx, input: { deviceId } })
  }

  /** This device, calling another server. */
  at(services: TestServices): TestDevice {
    return new TestDevice(services, this.actor, this.token)
  }

  /** This device as another authentication found it. */
  as(actor: ServiceContext['actor']): TestDevice {
    return new TestDevice(this.services, actor, this.token, this.#runtime)
  }

  /** This device, with `before` run ahead of every named statement of its calls. */
  interrupted(before: BeforeStatement): TestDevice {
    return new TestDevice(this.services, this.actor, this.token, this.services.interrupted(before))
  }

  /** Sends a batch as this device; the key is the syncId unless given. */
  async send(batch: SyncBatchInput, key: string = batch.syncId): Promise<Answered<SyncBatchResponse>> {
    const device = { ...batch.device, deviceId: this.actor.deviceId }
    const input = SyncBatchRequest.parse({ ...batch, device })
    return answered(await applyBatch({ ctx: this.ctx(key), input }))
  }

  /** A batch of these records; answers the parsed response. */
  async push(overrides: SyncBatchOverrides): Promise<SyncBatchResponse> {
    return (await this.send(syncBatch(overrides))).answer
  }

  /** A batch whose `device` is another one than the caller. */
  async pushAs(deviceId: string, overrides: SyncBatchOverrides): Promise<SyncBatchResponse> {
    const batch = syncBatch(overrides)
    const input = SyncBatchRequest.parse({ ...batch, device: { ...batch.device, deviceId } })
    return (await applyBatch({ ctx: this.ctx(), input })).document.toJSON()
  }

  /** One page from a cursor. */
  async pull(lastKnownServerCursor = '', maxDownstream?: number): Promise<SyncBatchResponse> {
    return await this.push({ lastKnownServerCursor, maxDownstream })
  }

  /** Every page from a cursor to the head. */
  async pullAll(cursor = '', maxDownstream?: number): Promise<SyncBatchResponse[]> {
    const pages = [await this.pull(cursor, maxDownstream)]
    for (let last = pages[0]; last?.downstream.hasMore; last = pages.at(-1)) {
      if (pages.length > 10_000) throw new Error('paging stands still')
      pages.push(await this.pull(last.serverCursor, maxDownstream))
    }
    return pages
  }

  /** `createObservation` with a key. */
  async create(observation: ObservationInput, key: string = randomUUID()): Promise<Answered<Observation>> {
    return answered(await createObservation({ ctx: this.ctx(key), input: Observation.parse(observation) }))
  }

  /** `applyPlaybookPatch` with a key. */
  async patch(patch: PlaybookPatchInput, key: string = randomUUID()): Promise<Answered<PatchApplyResult>> {
    const { answer, ...rest } = answered(
      await applyPlaybookPatch({ ctx: this.ctx(key), input: PlaybookPatch.parse(patch) }),
    )
    if ('proposalId' in answer) throw new Error(`proposed as ${answer.proposalId}`)
    return { answer, ...rest }
  }
}

export type Answered<T> = { answer: T; text: string; replayed: boolean }

const answered = <T>({ document, replayed }: Replayable<T>): Answered<T> => ({
  answer: document.toJSON(),
  text: document.text,
  replayed,
})

/** Opens the services on a database of the calling test file's own. */
export async function testServices(): Promise<TestServices> {
  const services = new TestServices(await testDatabase())
  afterAll(() => services.close())
  return services
}
