import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'

import { readBody } from '../http/read-body.ts'
import { rawConnection } from '../testing/raw-http.ts'
import { asServiceError } from './as-service-error.ts'
import { MemoryBudget } from './memory-budget.ts'
import { requestState } from './request-state.ts'

const BUDGET = 1000
const LIMITS = { maxBytes: 1000, maxRecords: 1 }

// Reads each body on one budget and returns its length, or the error.
const budget = new MemoryBudget(BUDGET)
let onTaken = (_bytes: number): void => undefined
const server = createServer((req, res) => {
  const take = (bytes: number): boolean => {
    const room = budget.take(res, bytes)
    if (room) onTaken(bytes)
    return room
  }
  readBody(req, 'identity', LIMITS, take).then(
    (body) => res.end(String(body.length)),
    (error: unknown) => {
      const { code, retryAfterSeconds } = asServiceError(error)
      res.end(`${code} ${retryAfterSeconds}`)
      req.resume()
    },
  )
})
let port: number
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on TCP has an AddressInfo.
  ;({ port } = server.address() as AddressInfo)
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const send = async (bytes: number): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: 'x'.repeat(bytes) })
  return await answer.text()
}

it('[ERR-19] a body that finds no room is refused with Retry-After, and the previous answer frees its room', async () => {
  await using holder = await rawConnection(port)
  holder.write('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 901\r\n\r\n')
  const held = new Promise<void>((resolve) => {
    let taken = 0
    onTaken = (bytes) => {
      taken += bytes
      if (taken === 900) resolve()
    }
  })
  holder.write('x'.repeat(900))
  await held
  expect(await send(101)).toBe('UNAVAILABLE 1')
  expect(await send(100)).toBe('100')
  holder.socket.destroy()
  await expect.poll(() => send(1000), { timeout: 5000, interval: 10 }).toBe('1000')
})

it('[ERR-19] a request gives back all it took, once', async () => {
  for (let round = 0; round < 5; round++) expect(await send(700)).toBe('700')
})

it('[ERR-19] one caller takes its share at most, and leaves the rest to others', async () => {
  const shared = new MemoryBudget(BUDGET, 600)
  const shares = createServer((req, res) => {
    requestState(req).caller = String(req.headers['x-caller'])
    res.end(String([shared.take(res, 400), shared.take(res, 300), shared.take(res, 200)]))
  })
  await new Promise<void>((resolve) => shares.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void shares.close())
  const ask = async (caller: string): Promise<string> => {
    // A server that listens on TCP has an AddressInfo.
    const url = `http://127.0.0.1:${(shares.address() as AddressInfo).port}`
    return await (await fetch(url, { headers: { 'x-caller': caller } })).text()
  }
  for (const caller of ['one', 'one', 'two']) expect(await ask(caller)).toBe('true,false,true')
})

it('[ERR-19] a request that is gone takes nothing, since nothing would give it back', async () => {
  const small = new MemoryBudget(BUDGET)
  const late = Promise.withResolvers<boolean>()
  const slow = createServer((_req, res) => {
    res.once('close', () => late.resolve(small.take(res, BUDGET)))
    res.destroy()
  })
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void slow.close())
  // A server that listens on TCP has an AddressInfo.
  await fetch(`http://127.0.0.1:${(slow.address() as AddressInfo).port}`).catch(() => undefined)
  expect(await late.promise).toBe(false)
})
