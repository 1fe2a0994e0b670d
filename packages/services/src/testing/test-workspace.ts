import { randomBytes, randomUUID } from 'node:crypto'
import { DeviceId, SyncBatchRequest, type SyncBatchResponse, WorkspaceId } from '@fieldsync/contracts'
import { type Database, openDatabase } from '@fieldsync/db'
import type { Role } from '@fieldsync/domain'
import { type SyncBatchInput, testDatabase } from '@fieldsync/testkit'
import { afterAll } from 'vitest'
import { authenticate } from '../access/authenticate.ts'
import type { AdminContext } from '../administration/admin-context.ts'
import { createDevice } from '../administration/create-device.ts'
import { createWorkspace } from '../administration/create-workspace.ts'
import { applyBatch } from '../sync/apply-batch.ts'
import type { Clock } from '../verb/clock.ts'
import type { ServiceContext } from '../verb/context.ts'

/** A clock that a test sets. */
export class TestClock implements Clock {
  time = new Date('2026-02-12T08:00:00.000Z')

  now(): Date {
    return this.time
  }

  advance(milliseconds: number): void {
    this.time = new Date(this.time.getTime() + milliseconds)
  }
}

/** One test file's database with the services on it. */
export class TestServices {
  readonly db: Database
  readonly clock = new TestClock()
  readonly pepper = randomBytes(32)

  constructor(db: Database) {
    this.db = db
  }

  get admin(): AdminContext {
    return {
      db: this.db,
      clock: this.clock,
      pepper: this.pepper,
      request: { requestId: randomUUID(), traceId: '0'.repeat(32), via: 'system', idempotencyKey: '' },
    }
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
    const { admin, db, pepper } = this.services
    const input = { workspaceId: this.workspaceId, deviceId: DeviceId.parse(deviceId), role }
    const { token } = await createDevice({ ctx: admin, input })
    const actor = await authenticate({ db, pepper, credentials: { deviceToken: token, bearer: undefined } })
    return new TestDevice(this.services, actor, token)
  }
}

/** One calling device. */
export class TestDevice {
  readonly services: TestServices
  readonly actor: ServiceContext['actor']
  readonly token: string

  constructor(services: TestServices, actor: ServiceContext['actor'], token: string) {
    this.services = services
    this.actor = actor
    this.token = token
  }

  ctx(idempotencyKey: string = randomUUID()): ServiceContext {
    const { db, clock } = this.services
    const request = { requestId: randomUUID(), traceId: '0'.repeat(32), via: 'rest', idempotencyKey } as const
    return { db, clock, actor: this.actor, request }
  }

  /** Sends a batch as this device; the key is the syncId unless given. */
  async send(
    batch: SyncBatchInput,
    key: string = batch.syncId,
  ): Promise<{ answer: SyncBatchResponse; text: string; replayed: boolean }> {
    const device = { ...batch.device, deviceId: this.actor.deviceId }
    const input = SyncBatchRequest.parse({ ...batch, device })
    const { document, replayed } = await applyBatch({ ctx: this.ctx(key), input })
    return { answer: document.toJSON(), text: document.text, replayed }
  }
}

/** Opens the services on a database of the calling test file's own. */
export async function testServices(): Promise<TestServices> {
  const { appUrl } = await testDatabase()
  const db = openDatabase({ url: appUrl, max: 6 })
  afterAll(() => db.close())
  return new TestServices(db)
}
