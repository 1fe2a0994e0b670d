import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

import { requestState } from '@fieldsync/api'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { LineBudget, RequestLog } from './request-log.ts'
import { watchRequest } from './watch-requests.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** The lines of one request with this duration. */
function linesOf(ms: number, contentType: string, statusCode = 200, state: object = {}): unknown[] {
  const lines: unknown[] = []
  const log = new RequestLog(pino({}, { write: (line) => void lines.push(JSON.parse(line)) }))
  const request = new IncomingMessage(new Socket())
  Object.assign(request, { method: 'GET', url: '/trpc/sync.live?input=canary' })
  Object.assign(requestState(request), state)
  const response = new ServerResponse(request)
  watchRequest(request, response, [log.finished])
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

it('[MON-8] names operation, workspace and device, and of a refusal its code and reason', () => {
  const caller = { operations: ['sync.batch'], workspaceId: 'ws_a', deviceId: 'dev_a' }
  const failures = [{ operation: undefined, code: 'FORBIDDEN' as const, reason: 'role' }]
  const line = { operation: 'sync.batch', workspaceId: 'ws_a', deviceId: 'dev_a' }
  expect(linesOf(5000, 'application/json', 200, caller)).toEqual([
    expect.not.objectContaining({ code: expect.anything() }),
  ])
  expect(linesOf(5000, 'application/json', 200, caller)).toMatchObject([line])
  expect(linesOf(1, 'application/json', 403, { ...caller, failures })).toMatchObject([
    { ...line, code: 'FORBIDDEN', reason: 'role' },
  ])
  const failed = { failures: [{ ...failures[0], code: 'UNAVAILABLE' as const }], cause: new Error('no disk') }
  expect(linesOf(1, 'application/json', 503, failed)).toMatchObject([
    { code: 'UNAVAILABLE', reason: 'no disk' },
  ])
})

it('lets so many lines through per second and reports how many it held back', () => {
  const reported: number[] = []
  let now = 0
  const budget = new LineBudget(
    2,
    (count) => reported.push(count),
    () => now,
  )
  expect([budget.take(), budget.take(), budget.take(), budget.take()]).toEqual([true, true, false, false])
  expect(reported).toEqual([])
  now = 1000
  expect(budget.take()).toBe(true)
  expect(reported).toEqual([2])
})

it('reports at the end of the second when no more lines follow', () => {
  const reported: number[] = []
  const budget = new LineBudget(1, (count) => reported.push(count))
  for (let i = 0; i < 5; i++) budget.take()
  vi.advanceTimersByTime(1000)
  expect(reported).toEqual([4])
})
