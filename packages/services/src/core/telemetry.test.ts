import { describe, expect, it } from 'vitest'

import { inSpan, type Span } from './telemetry.ts'

/** A span that notes what is done with its children. */
function noting() {
  const calls: unknown[] = []
  const child = (name: string): Span => ({
    child,
    rename: () => undefined,
    set: () => undefined,
    end: (...errors) => calls.push(['end', name, ...errors]),
  })
  const parent: Span = { ...child('request'), child: (name) => (calls.push(['begin', name]), child(name)) }
  return { calls, parent }
}

describe('[MON-9] work in a span', () => {
  it('begins and ends with it, and gives its result', async () => {
    const { calls, parent } = noting()
    const work = () => (calls.push('work'), Promise.resolve(7))
    expect(await inSpan(parent, 'decide', work)).toBe(7)
    expect(calls).toEqual([['begin', 'decide'], 'work', ['end', 'decide']])
  })

  it('that fails ends with its error, which the caller gets', async () => {
    const { calls, parent } = noting()
    const error = new Error('no')
    await expect(inSpan(parent, 'commit', () => Promise.reject(error))).rejects.toBe(error)
    expect(calls).toEqual([
      ['begin', 'commit'],
      ['end', 'commit', error],
    ])
  })

  it('is done all the same where nobody traces the request', async () => {
    expect(await inSpan(undefined, 'decide', () => Promise.resolve(7))).toBe(7)
  })
})
