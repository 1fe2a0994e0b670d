import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

import {
  acceptedBody,
  type Caller,
  device,
  type Ended,
  observation,
  postBatch,
  refusal,
  syncBatch,
  type TestServer,
} from '@fieldsync/testkit'
import { expect, it, onTestFinished } from 'vitest'

import { holdWrites } from './testing/blocked-writes.ts'
import { sharedSystem } from './testing/shared-system.ts'

// As many of one workspace as a server commits at once; the next ones share a run of their own.
const IN_FLIGHT = 1
const TOLD = 'stop signal; finishing running requests'

const system = await sharedSystem(1)

async function serverWithCaller(env: Readonly<Record<string, string>> = {}) {
  const workspaceId = await system.workspace()
  const caller = await system.device(workspaceId, 'dev_scout_1', 'scout')
  const server = await system.start(env)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { workspaceId, server, caller: { ...caller, url: server.url } }
}

const newBatch = ({ deviceId }: Caller) =>
  syncBatch({ device: device({ deviceId }), observations: [observation({ deviceId })] })

/** A connection that was open before the server was asked to stop. */
async function openConnection({ url }: TestServer): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  onTestFinished(() => void socket.destroy())
  return socket.setEncoding('utf8')
}

/** It said that its requests were finished, and held nothing when it ended. */
function expectDrained({ code, stdout, stderr }: Ended): void {
  expect(code).toBe(0)
  const drained = stdout.split('\n').find((line) => line.includes('"drained"'))
  expect(JSON.parse(drained ?? '{}')).toMatchObject({ level: 'info', cut: 0, ms: expect.any(Number) })
  expect(stdout + stderr).not.toContain('left over')
}

async function expectNothingLeft(server: TestServer): Promise<void> {
  await expect(readFile(`/proc/${server.pid}/stat`)).rejects.toThrow('ENOENT')
  // The first server of the system has connections of its own; none of them is in a transaction.
  const { rows } = await system.superuser.pool.query(
    `SELECT query FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND state <> 'idle'`,
    [system.database.name],
  )
  expect(rows).toEqual([])
}

it('[RUN-8] SIGTERM with writes in flight: each is answered and stored, new requests are refused, exit code 0', async () => {
  const { workspaceId, server, caller } = await serverWithCaller()
  const batches = Array.from({ length: IN_FLIGHT }, () => newBatch(caller))
  await using writes = await holdWrites(system.superuser, workspaceId)
  const sending = Promise.all(batches.map((batch) => postBatch(caller, batch)))
  await writes.waiting(IN_FLIGHT)
  // One more is incomplete: its header has arrived, its body has not.
  const late = newBatch(caller)
  const body = JSON.stringify(late)
  const slow = await openConnection(server)
  slow.write(
    `POST /v1/sync/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: ${late.syncId}\r\n` +
      `X-Device-Token: ${caller.token}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nExpect: 100-continue\r\n\r\n`,
  )
  expect(String(await once(slow, 'data'))).toContain('100 Continue')

  const ended = server.kill('SIGTERM')
  await server.logged(TOLD)
  await expect(postBatch(caller, newBatch(caller))).rejects.toThrow('fetch failed')
  slow.write(body)
  const slowAnswer = once(slow, 'data')
  // Long enough for a server that does not wait to close them all.
  await delay(500)
  await writes.release()

  for (const [index, answer] of (await sending).entries()) {
    expect(acceptedBody(answer)).toMatchObject({
      syncId: batches[index]?.syncId,
      acceptedCounts: { observations: 1 },
    })
  }
  expect(String(await slowAnswer)).toMatch(/^HTTP\/1\.1 200 /)
  expectDrained(await ended)
  await expectNothingLeft(server)
  const { rows } = await system.superuser.pool.query<{ id: string }>(
    'SELECT observation_id AS id FROM observations WHERE workspace_id = $1 ORDER BY 1',
    [workspaceId],
  )
  const sent = [...batches, late].flatMap(({ upserts }) =>
    upserts.observations.map(({ observationId }) => observationId),
  )
  expect(rows.map(({ id }) => id)).toEqual(sent.sort())
})

it('[RUN-8] [ERR-19] a request on a keep-alive connection is answered 503 while the server drains', async () => {
  const { workspaceId, server, caller } = await serverWithCaller()
  await using writes = await holdWrites(system.superuser, workspaceId)
  const sending = postBatch(caller, newBatch(caller))
  await writes.waiting(1)
  // Half a header keeps the connection from being idle.
  const stored = await openConnection(server)
  stored.write('GET /v1/playbooks HTTP/1.1\r\nHost: x\r\n')
  expect((await fetch(`${server.url}/v1/health`)).status).toBe(200)
  const ended = server.kill('SIGTERM')
  await server.logged(TOLD)
  stored.write(`X-Device-Token: ${caller.token}\r\n\r\n`)
  const [head = '', text = ''] = String(await once(stored, 'data')).split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 503 /)
  expect(head).toMatch(/^retry-after: \d+$/im)
  expect(head).toMatch(/^connection: close$/im)
  expect(refusal({ status: 503, headers: new Headers(), text })).toMatchObject({ code: 'UNAVAILABLE' })
  await writes.release()
  acceptedBody(await sending)
  expectDrained(await ended)
})

it('[RUN-8] [GUA-2] what does not finish within the limit is cut; sent again elsewhere it has one effect', async () => {
  const { workspaceId, server, caller } = await serverWithCaller({ DRAIN_TIMEOUT_MS: '300' })
  const batch = newBatch(caller)
  {
    await using writes = await holdWrites(system.superuser, workspaceId)
    const cut = expect(postBatch(caller, batch)).rejects.toThrow('fetch failed')
    await writes.waiting(1)
    // It ends although the write is still held up.
    expect((await server.kill('SIGTERM')).code).toBe(0)
    await cut
  }
  const elsewhere = { ...caller, url: system.servers[0].url }
  expect(acceptedBody(await postBatch(elsewhere, batch))).toMatchObject({
    acceptedCounts: { observations: 1 },
  })
  const { rows } = await system.superuser.pool.query('SELECT FROM observations WHERE workspace_id = $1', [
    workspaceId,
  ])
  expect(rows).toHaveLength(1)
  expect(await system.verifyAudit(workspaceId)).toMatchObject({ ok: true })
})
