import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { NotReady } from '@fieldsync/services'
import { afterAll, expect, it } from 'vitest'

import { Probes } from './probes.ts'

const changes: (string | undefined)[] = []
const probes = new Probes((reason) => changes.push(reason))
const server = createServer((request, response) => {
  if (!probes.answer(request, response)) response.writeHead(404).end()
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
afterAll(() => void server.close())

async function ask(path: string, method = 'GET') {
  const response = await fetch(`${url}${path}`, { method })
  const text = await response.text()
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  return { status: response.status, body, retryAfter: response.headers.get('retry-after') }
}
const notReady = (reason: string) => ({
  status: 503,
  body: { status: 'not_ready', reason },
  retryAfter: '2',
})

it('[MON-6][MON-7] lives from the first moment to the last, and is ready in between', async () => {
  const live = { status: 200, body: { status: 'live' } }
  expect(await ask('/livez')).toMatchObject(live)
  expect(await ask('/readyz')).toEqual(notReady('starting'))

  let found: NotReady | undefined
  probes.started(() => Promise.resolve(found))
  expect(await ask('/readyz?verbose')).toMatchObject({ status: 200, body: { status: 'ready' } })
  found = { reason: 'tables', message: 'not sent to anybody' }
  expect(await ask('/readyz')).toEqual(notReady('tables'))
  expect(await ask('/readyz')).toEqual(notReady('tables'))
  expect(await ask('/livez')).toMatchObject(live)
  found = undefined
  expect((await ask('/readyz')).status).toBe(200)

  probes.draining()
  expect(await ask('/readyz')).toEqual(notReady('draining'))
  expect(await ask('/livez')).toMatchObject(live)
  expect(changes).toEqual([undefined, 'tables', undefined, 'draining'])
})

it('[MON-6] answers only reads of its two addresses', async () => {
  expect((await ask('/livez', 'POST')).status).toBe(405)
  expect((await ask('/readyz', 'HEAD')).status).toBe(503)
  expect((await fetch(`${url}/livez/`)).status).toBe(404)
})
