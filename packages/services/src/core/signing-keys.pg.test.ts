import { describe, expect, it } from 'vitest'

import { testServices } from '../testing/test-workspace.ts'
import { SigningKeys } from './signing-keys.ts'

const services = await testServices()
const START = Date.parse('2026-02-12T08:00:00Z')
const MINUTE_MS = 60_000
const DAYS = 24 * 60
const at = (minutes: number): Date => new Date(START + minutes * MINUTE_MS)
const server = (...peppers: Buffer[]): SigningKeys => {
  const [current = services.pepper, ...previous] = peppers
  return new SigningKeys({ db: services.runtime.db, peppers: [current, ...previous] })
}
const empty = () => services.owner.pool.query('DELETE FROM signing_keys')

describe('[ACC-18] the keys that sign access tokens', () => {
  it('are the same at every server, of which several may start at once', async () => {
    await empty()
    const servers = Array.from({ length: 5 }, () => server())
    const kids = await Promise.all(servers.map(async (each) => (await each.signing(at(0))).kid))
    expect(new Set(kids).size).toBe(1)
  })

  it('are encrypted in the database', async () => {
    await empty()
    await server().signing(at(0))
    const { rows } = await services.owner.pool.query<{ text: string; sealed: Buffer }>(
      'SELECT t::text AS text, sealed FROM signing_keys AS t',
    )
    expect(rows).toHaveLength(1)
    for (const { text, sealed } of rows) {
      expect(text).not.toContain('PRIVATE')
      expect(sealed.toString('latin1')).not.toContain('PRIVATE')
    }
  })

  it('are replaced after 90 days: the next one is published for a quarter of an hour, then it signs', async () => {
    await empty()
    const [one, other] = [server(), server()]
    const first = await one.signing(at(0))
    expect(await other.signing(at(1))).toMatchObject({ kid: first.kid })
    const due = 90 * DAYS
    // The one server has created the next key; the other one has not read it, and still verifies with it.
    expect((await one.signing(at(due))).kid).toBe(first.kid)
    expect(await one.published(at(due))).toHaveLength(2)
    expect((await one.signing(at(due + 14))).kid).toBe(first.kid)
    const next = await one.signing(at(due + 15))
    expect(next.kid).not.toBe(first.kid)
    expect(await other.publicKey(next.kid, at(due + 15))).toBeDefined()
    expect((await other.signing(at(due + 16))).kid).toBe(next.kid)
    // Tokens of the first key are accepted until the last of them has expired.
    expect(await other.publicKey(first.kid, at(due + 25))).toBeDefined()
    expect(await other.publicKey(first.kid, at(due + 15 + 71))).toBeUndefined()
  })

  it('that are unknown are looked up, and at most every five seconds', async () => {
    await empty()
    const [one, late] = [server(), server()]
    const { kid } = await one.signing(at(0))
    expect(await late.publicKey(kid, at(0))).toBeDefined()
    await empty()
    const { kid: fresh } = await server().signing(at(0))
    expect(await late.publicKey(fresh, at(0))).toBeUndefined()
    expect(await late.publicKey(fresh, new Date(START + 5000))).toBeDefined()
  })

  it('of another pepper sign nothing: a new one does, and what they signed stays valid', async () => {
    await empty()
    const { kid } = await server().signing(at(0))
    const changed = server(Buffer.alloc(32, 9))
    const fresh = await changed.signing(at(1))
    expect(fresh.kid).not.toBe(kid)
    expect(await changed.publicKey(kid, at(1))).toBeDefined()
    expect(await server().publicKey(fresh.kid, at(2))).toBeDefined()
  })

  it('[ACC-22] of a previous pepper go on signing, and are encrypted under the present one from then on', async () => {
    await empty()
    const [before, after] = [services.pepper, Buffer.alloc(32, 9)]
    const { kid } = await server(before).signing(at(0))
    const rotating = Array.from({ length: 4 }, () => server(after, before))
    const signing = await Promise.all(rotating.map((each) => each.signing(at(1))))
    expect(new Set(signing.map((each) => each.kid))).toEqual(new Set([kid]))
    expect((await server(after).signing(at(2))).kid).toBe(kid)
    // What the first servers of a rotation have that are restarted: either pepper, with the other one as the previous.
    expect((await server(before, after).signing(at(3))).kid).toBe(kid)
    expect((await server(after, before).signing(at(4))).kid).toBe(kid)
    expect(await server(after).published(at(5))).toHaveLength(1)
  })

  it('[ACC-22] end up under the present pepper of the servers that stay, whichever read them last', async () => {
    await empty()
    const [before, after] = [services.pepper, Buffer.alloc(32, 9)]
    const old = server(before)
    const { kid } = await old.signing(at(0))
    const rotating = server(after, before)
    await rotating.signing(at(1))
    // A server of the first round is restarted once more, and takes the key back.
    await server(before, after).signing(at(2))
    expect((await rotating.signing(at(3))).kid).toBe(kid)
    expect((await server(after).signing(at(4))).kid).toBe(kid)
    // Where the key can no longer be opened, it is known from before.
    expect((await old.signing(at(5))).kid).toBe(kid)
  })
})
