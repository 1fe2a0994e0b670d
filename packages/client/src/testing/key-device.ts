import type { Clock } from '@fieldsync/sync-engine'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { onTestFinished } from 'vitest'

import { createFieldsyncClient, type SyncingClientOptions } from '../create-fieldsync-client.ts'
import type { DeviceSigner } from '../credentials/device-signer.ts'
import { deviceKey, type DeviceKeyOptions } from '../device-key/device-key.ts'
import { systemClock } from '../platform/system-clock.ts'
import { softwareKeys } from '../signers/software-signer.ts'
import { CLIENT_ID, KeyServer, SESSION, type SeenRequest } from './key-server.ts'

/** A clock that shows what a test says, and whose timers run in real time. */
export class SetClock implements Clock {
  #now: number

  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(milliseconds: number, callback: () => void): () => void {
    return systemClock.after(milliseconds, callback)
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds
  }
}

/** A signer whose key is nowhere stored. */
export const newSigner = async (): Promise<DeviceSigner> => {
  const keys = softwareKeys()
  return await keys.open(await keys.newKey())
}

/** What the server answers to the calls that it accepts: everything that is sent is taken, and nothing is new. */
function accepted(server: () => KeyServer, { path, body }: SeenRequest): unknown {
  if (path === '/trpc/sync.live') return undefined
  if (path === '/v1/session') return SESSION
  if (path.endsWith(':acknowledgeWipe')) return { acknowledgedAt: new Date(server().now).toISOString() }
  if (path !== '/v1/sync/batch') return { result: { data: 'done' } }
  const { syncId, upserts } = JSON.parse(body) as { syncId: string; upserts: Record<string, unknown[]> }
  const acceptedAt = new Date(server().now).toISOString()
  const count = (type: string): number => upserts[type]?.length ?? 0
  return {
    syncId,
    acceptedAt,
    serverCursor: 'cur_1',
    acceptedCounts: {
      observations: count('observations'),
      recommendations: count('recommendations'),
      playbookPatches: count('playbookPatches'),
    },
    conflicts: [],
    downstream: {
      playbook: { playbookId: 'pbk_1', version: 1, updatedAt: acceptedAt },
      observations: [],
      recommendations: [],
      hasMore: false,
    },
  }
}

/**
 * A device that has enrolled at a server of its own, with a client.
 * @param behindMs how far its clock is behind the server's
 */
export async function keyDevice(
  options: Partial<Omit<DeviceKeyOptions, 'signer'> & SyncingClientOptions> & {
    readonly behindMs?: number
    readonly signer?: DeviceSigner
  } = {},
) {
  const { behindMs = 0, signer = await newSigner(), ...others } = options
  const server: KeyServer = await KeyServer.start((request) => accepted(() => server, request))
  await server.enroll({ ...(await signer.publicKeyJwk()) })
  const clock = new SetClock(server.now - behindMs)
  /** Time goes on, for the device and for the server. */
  const advance = (milliseconds: number): void => {
    clock.advance(milliseconds)
    server.now += milliseconds
  }
  // A key is stored by the real clock, which is any time away from the server's: by itself it is not replaced here.
  const opened = { url: server.url, clock, rotateAfterDays: 0, ...others }
  const credentials = deviceKey({ clientId: CLIENT_ID, signer, ...opened })
  const client = createFieldsyncClient({
    ...opened,
    credentials,
    store: await openMemoryStore(new MemoryDisk()),
    settings: { firstBackoff: 1, longestBackoff: 2 },
    device: { deviceId: 'dev_scout_1', platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' },
  })
  onTestFinished(() => client.stop())
  return { server, clock, client, credentials, signer, advance, call: () => client.api.health.query() }
}
