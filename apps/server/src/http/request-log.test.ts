import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { RequestLog } from './request-log.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** The lines of one request with this duration. */
function linesOf(ms: number, contentType: string, statusCode = 200): unknown[] {
  const lines: unknown[] = []
  const log = new RequestLog(pino({}, { write: (line) => void lines.push(JSON.parse(line)) }))
  const request = new IncomingMessage(new Socket())
  Object.assign(request, { method: 'GET', url: '/trpc/sync.live?input=canary' })
  const response = new ServerResponse(request)
  log.watch(request, response)
  response.setHeader('content-type', contentType)
  response.statusCode = statusCode
  vi.advanceTimersByTime(ms)
  response.emit('close')
  return lines
}

it('names a read only when it was slow', () => {
  expect(linesOf(10, 'application/json')).toEqual([])
  expect(linesOf(5000, 'application/json')).toMatchObject([{ path: '/trpc/sync.live', ms: 5000 }])
})

it('does not take a stream for a slow answer, and names a refused one', () => {
  expect(linesOf(3_600_000, 'text/event-stream; charset=utf-8')).toEqual([])
  expect(linesOf(1, 'application/json', 503)).toMatchObject([{ status: 503 }])
})
