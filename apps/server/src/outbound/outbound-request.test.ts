import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, it, onTestFinished } from 'vitest'

import { addressProblem, isLoopbackHost } from './addresses.ts'
import { checkedLookup, outboundRequest } from './outbound-request.ts'

const call = (url: string, allowed = new URL(url).origin) =>
  outboundRequest({
    method: 'GET',
    url: new URL(url),
    headers: { authorization: 'canary' },
    allowedOrigins: [allowed],
    limitMs: 2000,
    maxBytes: 100,
  })

it('[AUD-31] calls what is configured, and nothing else', async () => {
  let asked = 0
  const server = createServer((_, response) => {
    asked++
    response.end('hello')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await call(`${origin}/a`)).toMatchObject({ status: 200, body: 'hello' })
  await expect(call(`${origin}/a`, 'http://127.0.0.1:1')).rejects.toThrow('are not allowed')
  expect(asked).toBe(1)
})

it.each(['http://169.254.169.254', 'http://[fe80::1]', 'http://[::ffff:169.254.169.254]', 'http://0.0.0.0'])(
  '[AUD-31] %s is never called',
  async (origin) => {
    await expect(call(`${origin}/latest/meta-data`)).rejects.toThrow('is never called')
  },
)

it.each([
  ['s3.example.com', '93.184.216.34', undefined],
  ['minio.farm.internal', '10.0.0.7', undefined],
  ['s3.example.com', '127.0.0.1', 'this machine'],
  ['s3.example.com', '::1', 'this machine'],
  ['s3.example.com', '::ffff:127.0.0.1', 'this machine'],
  ['s3.example.com', '169.254.169.254', 'never called'],
  ['s3.example.com', '::ffff:169.254.169.254', 'never called'],
  ['s3.example.com', '255.255.255.255', 'never called'],
  ['s3.example.com', 'x', 'no address'],
  ['localhost', '127.0.0.1', undefined],
  ['127.0.0.1', '127.0.0.1', undefined],
])('[AUD-31] the address of %s may be %s: %s', (host, address, problem) => {
  if (problem === undefined) expect(addressProblem(host, address)).toBeUndefined()
  else expect(addressProblem(host, address)).toContain(problem)
})

it('[AUD-31] only this machine’s own names mean this machine', () => {
  expect(['localhost', '127.3.2.1', '::1'].map(isLoopbackHost)).toEqual([true, true, true])
  expect(['localhost.example.com', '10.0.0.1', 'example.com'].map(isLoopbackHost)).toEqual([
    false,
    false,
    false,
  ])
})

it.each([{}, { all: true }])(
  '[AUD-31] a name is checked when it is resolved for a connection (%j)',
  async (options) => {
    const resolved = (host: string) =>
      new Promise<string>((resolve) => {
        checkedLookup(host)('localhost', options, (error, found) =>
          resolve(error?.message ?? JSON.stringify(found)),
        )
      })
    expect(await resolved('s3.example.com')).toContain('which is this machine')
    expect(await resolved('localhost')).toMatch(/127\.0\.0\.1|::1/)
  },
)
