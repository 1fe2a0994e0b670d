import { DeviceId } from '@fieldsync/contracts'
import { JsonText } from '@fieldsync/services'
import { syncBatch } from '@fieldsync/testkit'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'

import { type ApiServer, startApi } from '../testing/api-server.ts'
import { fakeVerbs, NO_RUNTIME, TOKEN } from '../testing/fake-verbs.ts'
import { type RawConnection, rawConnection } from '../testing/raw-http.ts'
import { envelopeOf, rest } from '../testing/rest-client.ts'

const MiB = 1024 * 1024
/** More than the system buffers for a client that does not read; four fit in the share of one caller. */
const LARGE = `"${'x'.repeat(16 * MiB - 2)}"`
const FIT = 4

const known = fakeVerbs()
const verbs = fakeVerbs({
  // A token of its own is a device of its own.
  authenticate: async (call) => {
    const { deviceToken = TOKEN } = call.credentials
    const actor = await known.authenticate({
      ...call,
      credentials: { deviceToken: TOKEN, bearer: undefined },
    })
    return { ...actor, deviceId: DeviceId.parse(`dev_${deviceToken}`) }
  },
  applyBatch: () => Promise.resolve({ document: new JsonText(LARGE), replayed: false }),
  listObservations: () => Promise.resolve({ items: new JsonText(LARGE), nextCursor: null }),
})
let server: ApiServer
beforeAll(async () => {
  server = await startApi({ runtime: NO_RUNTIME, verbs })
})
afterAll(() => server[Symbol.asyncDispose]())

const batch = JSON.stringify(syncBatch())

/** Sends a batch as a device and reads only the first bytes of the answer. */
async function stuck(device: string): Promise<RawConnection> {
  const connection = await rawConnection(server.port)
  onTestFinished(() => connection[Symbol.asyncDispose]())
  const started = new Promise((resolve) => connection.socket.once('data', resolve))
  const ended = new Promise((resolve) => connection.socket.once('close', resolve))
  connection.write(
    `POST /v1/sync/batch HTTP/1.1\r\nHost: test\r\nX-Device-Token: ${device}\r\nIdempotency-Key: k\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(batch)}\r\n\r\n${batch}`,
  )
  await Promise.race([started, ended])
  connection.socket.pause()
  return connection
}

it('[ERR-19] answers that one device does not read find an end, and do not keep another from its own', async () => {
  const list = (device: string) =>
    rest(`${server.url}/v1/observations`, { headers: { 'x-device-token': device } })
  const held = await Promise.all(Array.from({ length: FIT }, () => stuck('stuck')))
  expect(held.map(({ socket }) => socket.destroyed)).toEqual(held.map(() => false))

  // The write has taken effect: its answer is lost, as by a broken connection, and can be requested again.
  expect((await stuck('stuck')).socket.destroyed).toBe(true)
  const refused = await list('stuck')
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(envelopeOf(refused)).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  expect((await list('other')).text).toBe(LARGE)

  held[0]?.socket.destroy()
  await expect.poll(async () => (await list('stuck')).status, { timeout: 5000, interval: 10 }).toBe(200)
})
