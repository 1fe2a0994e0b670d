import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'

import { describe, expect, it } from 'vitest'

import { requestIds } from './request-state.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

function request(headers: Record<string, string>): IncomingMessage {
  const req = new IncomingMessage(new Socket())
  Object.assign(req.headers, headers)
  return req
}
const traceId = (traceparent: string) => requestIds(request({ traceparent })).traceId

describe('the ids of a request', () => {
  it('[HDR-3] takes the trace id of a valid traceparent', () => {
    expect(traceId(`00-${TRACE}-${SPAN}-01`)).toBe(TRACE)
    expect(traceId(`cc-${TRACE}-${SPAN}-01-of-a-later-version`)).toBe(TRACE)
  })

  it.each([
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['a zero trace id', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a zero parent id', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['more fields in version 00', `00-${TRACE}-${SPAN}-01-more`],
    ['two headers joined by Node', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['an empty header', ''],
  ])('[HDR-3] mints a trace id for %s', (_case, traceparent) => {
    const minted = traceId(traceparent)
    expect(minted).toMatch(/^[0-9a-f]{32}$/)
    expect(minted.toLowerCase()).not.toBe(TRACE)
  })

  it('takes over a request id that is a plain token of at most 128 characters', () => {
    const id = (given: string) => requestIds(request({ 'x-request-id': given })).requestId
    expect(id('run-7:a')).not.toBe('run-7:a')
    for (const token of ['01KH7XQ4TNE5GZ3V8W2M6RYB9C', 'a_b.c~d', 'x'.repeat(128)])
      expect(id(token)).toBe(token)
    for (const no of ['', 'two words', 'a"b', 'x'.repeat(129), 'é', 'a,b'])
      expect(id(no)).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('answers the same ids at every call', () => {
    const req = request({})
    expect(requestIds(req)).toBe(requestIds(req))
  })
})
