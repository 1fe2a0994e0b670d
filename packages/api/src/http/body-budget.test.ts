import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { syncBatch } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { startApi } from '../testing/api-server.ts'
import { fakeVerbs, NO_DATABASE, TOKEN } from '../testing/fake-verbs.ts'
import { rawConnection } from '../testing/raw-http.ts'
import { envelopeOf, rest } from '../testing/rest-client.ts'
import { BODIES_IN_FLIGHT_BYTES, BodyBudget } from './body-budget.ts'

const MIB = 1024 * 1024
const MAX_BYTES = 8 * MIB

it('[ERR-19] bodies beyond the common budget answer 503 with Retry-After, and room comes back', async () => {
  await using server = await startApi({ db: NO_DATABASE, verbs: fakeVerbs() })
  const url = `${server.url}/v1/sync/batch`
  const head =
    `POST /v1/sync/batch HTTP/1.1\r\nHost: test\r\nX-Device-Token: ${TOKEN}\r\nIdempotency-Key: key\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${MAX_BYTES}\r\n\r\n`
  // Each connection holds all but the last byte of its body open.
  const holders = await Promise.all(
    Array.from({ length: BODIES_IN_FLIGHT_BYTES / MAX_BYTES }, async () => {
      const connection = await rawConnection(server.port)
      connection.write(head)
      connection.write(Buffer.alloc(MAX_BYTES - 1, ' '))
      return connection
    }),
  )
  const large = `${JSON.stringify(syncBatch())}${' '.repeat(MIB)}`
  await expect
    .poll(async () => (await rest(url, { body: large })).status, { timeout: 10_000, interval: 20 })
    .toBe(503)
  const refused = await rest(url, { body: large })
  expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
  expect(envelopeOf(refused)).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  for (const holder of holders) holder.socket.destroy()
  await expect
    .poll(async () => (await rest(url, { body: large })).status, { timeout: 10_000, interval: 20 })
    .toBe(200)
})

it('[ERR-19] a request gives back all it took, once', async () => {
  const budget = new BodyBudget(10)
  const server = createServer((_req, res) => {
    expect(budget.take(res, 6)).toBe(true)
    expect(budget.take(res, 4)).toBe(true)
    expect(budget.take(res, 1)).toBe(false)
    res.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo
  for (let round = 0; round < 3; round++) expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(200)
  await new Promise((resolve) => server.close(resolve))
})
