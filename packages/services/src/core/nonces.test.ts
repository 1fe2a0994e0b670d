import { describe, expect, it } from 'vitest'

import { Nonces } from './nonces.ts'

const MINUTE_MS = 60_000
const START = Date.parse('2026-02-12T08:00:00Z')
const at = (minutes: number): Date => new Date(START + minutes * MINUTE_MS)
const pepper = Buffer.alloc(32, 7)

describe('[ACC-17] a nonce', () => {
  it('is known to every server with the same pepper for ten minutes at least, and to no other', () => {
    const [here, there, stranger] = [
      new Nonces([pepper]),
      new Nonces([pepper]),
      new Nonces([Buffer.alloc(32, 8)]),
    ]
    const nonce = here.current(at(0.99))
    expect(nonce).toBe(here.current(at(0)))
    for (const later of [0, 1, 10.9]) {
      expect(here.known(nonce, at(later))).toBeDefined()
      expect(there.known(nonce, at(later))).toBe(here.known(nonce, at(later)))
      expect(stranger.known(nonce, at(later))).toBeUndefined()
    }
    expect(here.known(nonce, at(11))).toBeUndefined()
  })

  it('is the same in every build, so that servers of two builds know those of each other', () => {
    expect(new Nonces([pepper]).current(at(0))).toBe('hklpc._mhiXZAXuWPeHAFrq8X-OA')
  })

  it('of a server whose clock is a minute ahead is accepted, and not of one that is two ahead', () => {
    const [here, ahead] = [new Nonces([pepper]), new Nonces([pepper])]
    expect(here.known(ahead.current(at(1)), at(0.5))).toBeDefined()
    expect(here.known(ahead.current(at(2)), at(0.5))).toBeUndefined()
  })

  it('[ACC-22] of the previous pepper is accepted, and the next one is of the present pepper', () => {
    const other = Buffer.alloc(32, 8)
    const [before, rotating, after] = [new Nonces([pepper]), new Nonces([other, pepper]), new Nonces([other])]
    expect(rotating.known(before.current(at(0)), at(5))).toBe(before.known(before.current(at(0)), at(5)))
    expect(rotating.current(at(0))).toBe(after.current(at(0)))
    expect(rotating.known(after.current(at(0)), at(0))).toBeDefined()
    expect(after.known(before.current(at(0)), at(0))).toBeUndefined()
  })

  it.each(['', '.', 'x', '0', 'zzzzzzzzz', '-1', '1e9', 'a'.repeat(4000)])('is never “%s”', (text) => {
    const nonces = new Nonces([pepper])
    const [period, mac] = nonces.current(at(0)).split('.')
    for (const nonce of [text, `${text}.${mac}`, `${period}.${text}`, `${period}`, `${period}.${mac}x`])
      expect(nonces.known(nonce, at(0))).toBeUndefined()
  })
})

describe('[ACC-17] a proof', () => {
  const useOf = (nonces: Nonces) => (id: string, minutes: number, nonceOf: number) => {
    const period = nonces.known(nonces.current(at(nonceOf)), at(minutes))
    return period === undefined ? 'unknown nonce' : nonces.use(period, id, at(minutes))
  }

  it('counts once, whatever its nonce is, for as long as the nonce is accepted', () => {
    const use = useOf(new Nonces([pepper]))
    expect(use('one', 0, 0)).toBe('new')
    expect(use('one', 10.9, 0)).toBe('replayed')
    expect(use('two', 0, 0)).toBe('new')
    expect(use('one', 11, 0)).toBe('unknown nonce')
  })

  it('is forgotten with its nonce', () => {
    const nonces = new Nonces([pepper])
    const use = useOf(nonces)
    for (let minute = 0; minute < 100; minute++) expect(use(`${minute}`, minute, minute)).toBe('new')
    expect(nonces.size).toBe(11)
  })

  it('ends the oldest nonces where there is no room, and never counts twice', () => {
    const nonces = new Nonces([pepper], 5)
    const use = useOf(nonces)
    for (const [id, minute] of [
      ['a', 0],
      ['b', 0],
      ['c', 1],
      ['d', 2],
      ['e', 2],
    ] as const)
      expect(use(id, minute, minute)).toBe('new')
    expect(use('f', 2, 2)).toBe('new')
    expect(nonces.size).toBe(4)
    expect(use('a', 2, 0)).toBe('unknown nonce')
    expect(use('c', 2, 1)).toBe('replayed')
    // Of a nonce that was known when the proof was verified, and has ended since.
    expect(nonces.use(START / MINUTE_MS, 'g', at(2))).toBe('full')
  })

  it('is refused for now where the present nonce alone fills the memory', () => {
    const nonces = new Nonces([pepper], 2)
    const use = useOf(nonces)
    expect([use('a', 0, 0), use('b', 0, 0), use('c', 0, 0), use('a', 0, 0)]).toEqual([
      'new',
      'new',
      'full',
      'replayed',
    ])
    expect(use('c', 1, 1)).toBe('new')
  })
})
