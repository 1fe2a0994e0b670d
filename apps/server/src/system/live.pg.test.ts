import {
  acceptedBody,
  type Caller,
  device,
  type LiveEvents,
  observation,
  openLive,
  postBatch,
  syncBatch,
} from '@fieldsync/testkit'
import { expect, it, onTestFinished } from 'vitest'

import { sharedSystem } from './testing/shared-system.ts'

const system = await sharedSystem(2)
const [, there = system.servers[0]] = system.servers
const POKE = { event: 'message', data: '{"type":"poke"}' }

const write = async (caller: Caller): Promise<void> => {
  const { deviceId } = caller
  const batch = syncBatch({ device: device({ deviceId }), observations: [observation({ deviceId })] })
  acceptedBody(await postBatch(caller, batch))
}

async function connected(caller: Caller): Promise<LiveEvents> {
  const stream = await openLive(caller)
  onTestFinished(() => stream[Symbol.asyncDispose]())
  expect((await stream.next())?.event).toBe('connected')
  return stream
}

it('[LIV-8] a write at one server pokes who is connected to another', async () => {
  const workspaceId = await system.workspace()
  const writer = await system.device(workspaceId, 'dev_writer', 'scout', 0)
  const stream = await connected(await system.device(workspaceId, 'dev_reader', 'viewer', 1))
  expect(stream.headers.get('content-security-policy')).toContain(`default-src 'none'`)
  expect(stream.headers.get('x-content-type-options')).toBe('nosniff')
  expect(stream.headers.get('cache-control')).toBe('no-store, no-transform')
  for (let each = 0; each < 3; each++) {
    await write(writer)
    expect(await stream.next()).toEqual(POKE)
  }
})

it('[LIV-9] servers whose listening connections were killed poke everyone and receive from each other again', async () => {
  const workspaceId = await system.workspace()
  const writer = await system.device(workspaceId, 'dev_writer', 'scout', 0)
  const stream = await connected(await system.device(workspaceId, 'dev_reader', 'viewer', 1))
  const killed = await system.superuser.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = $1 AND application_name = 'fieldsync-live'`,
    [system.database.name],
  )
  expect(killed.rowCount).toBe(2)
  expect(await stream.next()).toEqual(POKE)
  await there.logged('receiving notifications from other servers again')
  await write(writer)
  expect(await stream.next()).toEqual(POKE)
})

it('[LIV-7, RUN-8] SIGTERM ends open streams at once with a hint, and the server with exit code 0', async () => {
  const workspaceId = await system.workspace()
  const caller = await system.device(workspaceId, 'dev_reader', 'viewer')
  // Long: a server that waited for its streams to finish would not end within this test.
  const server = await system.start({ DRAIN_TIMEOUT_MS: '600000' })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const streams = [
    await connected({ ...caller, url: server.url }),
    await connected({ ...caller, url: server.url }),
  ]
  const ended = server.kill('SIGTERM')
  for (const stream of streams) {
    // A server that has just started pokes once it receives from the others.
    let last = await stream.next()
    if (last?.event === 'message') last = await stream.next()
    expect(last).toMatchObject({ event: 'serialized-error', data: expect.stringContaining('"UNAVAILABLE"') })
    expect(last?.retry ?? 0).toBeGreaterThan(0)
    expect(await stream.next()).toBeUndefined()
  }
  expect(await ended).toMatchObject({ code: 0, signal: null })
})

it('[LIV-6] LIVE_MAX_STREAMS bounds a process; none at all turns live pokes off', async () => {
  const workspaceId = await system.workspace()
  const caller = await system.device(workspaceId, 'dev_reader', 'viewer')
  const server = await system.start({ LIVE_MAX_STREAMS: '0' })
  onTestFinished(() => server[Symbol.asyncDispose]())
  await using refused = await openLive({ ...caller, url: server.url })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30'])
})
