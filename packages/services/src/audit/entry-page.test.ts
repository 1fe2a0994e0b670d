import type { AuditEntry } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { MAX_PAGE_BYTES } from '../lists/page-bytes.ts'
import { entriesOf } from './entries.ts'
import { EntryPage, indexOf, readEntryId } from './entry-page.ts'

const entry = (seq: number, reason = ''): AuditEntry => {
  const body = {
    v: 3,
    ws: 'ws_one',
    seq,
    at: '2026-02-12T08:00:00.000Z',
    act: 'device.revoke',
    actor: {
      usr: null,
      dev: 'dev_admin',
      client: null,
      role: 'admin',
      jti: null,
      via: 'rest',
      auth: 'token',
    },
    chg: [],
    tgt: { type: 'device', id: 'dev_one' },
    req: { id: null, idem: null, bodySha256: null },
    out: { ok: true, code: null },
    why: reason,
  }
  const [only] = entriesOf({ seq: BigInt(seq), body: JSON.stringify(body), hash: 'h' })
  if (!only) throw new Error('a row without changes is one entry')
  return only
}

/** An entry whose JSON text has this many bytes, of letters that have two each where that is possible. */
function entryOfBytes(seq: number, bytes: number): AuditEntry {
  const room = bytes - Buffer.byteLength(JSON.stringify(entry(seq)))
  return entry(seq, 'x'.repeat(room % 2) + 'é'.repeat(Math.floor(room / 2)))
}

function answerOf(page: EntryPage) {
  const { items, nextCursor } = page.answer(({ entryId }) => `after ${entryId}`)
  return { text: items.text, entries: items.toJSON(), nextCursor }
}

describe('[AUD-11] a page of entries', () => {
  it('is an empty list where there is none, and has no next one', () => {
    const page = new EntryPage(2)
    expect(page.full).toBe(false)
    expect(answerOf(page)).toEqual({ text: '[]', entries: [], nextCursor: null })
  })

  it('has as many as were asked for, and no next one where there is not one more', () => {
    const page = new EntryPage(2)
    page.add(entry(1))
    page.add(entry(2))
    expect(page.full).toBe(false)
    const { entries, nextCursor } = answerOf(page)
    expect(entries).toEqual([entry(1), entry(2)])
    expect(nextCursor).toBeNull()
  })

  it('goes on behind its last entry where there is one more, and takes nothing from then on', () => {
    const page = new EntryPage(2)
    for (const seq of [1, 2, 3, 4]) page.add(entry(seq))
    expect(page.full).toBe(true)
    const { entries, nextCursor } = answerOf(page)
    expect(entries).toEqual([entry(1), entry(2)])
    expect(nextCursor).toBe('after 2.0')
  })

  it('[OPS-17] ends with the entry that reaches the bytes of a page, however many are asked for', () => {
    const page = new EntryPage(100)
    page.add(entryOfBytes(1, MAX_PAGE_BYTES - 500))
    page.add(entryOfBytes(2, 500))
    page.add(entry(3))
    const { entries, nextCursor } = answerOf(page)
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2])
    expect(nextCursor).toBe('after 2.0')
  })

  it('[OPS-17] goes on while a byte is free, and then takes an entry of any size', () => {
    const page = new EntryPage(100)
    page.add(entryOfBytes(1, MAX_PAGE_BYTES - 1))
    page.add(entryOfBytes(2, MAX_PAGE_BYTES))
    expect(page.full).toBe(false)
    expect(answerOf(page).entries).toHaveLength(2)
  })
})

describe('[AUD-11] the id of an entry', () => {
  it.each([
    ['7.2', { seq: 7, index: 2 }],
    ['0.0', { seq: 0, index: 0 }],
    ['999999999999999.999999', { seq: 999_999_999_999_999, index: 999_999 }],
  ])('%s is the number of a row and an index in it', (text, place) => {
    expect(readEntryId(text)).toEqual(place)
  })

  it('without an index stands behind all entries of its row', () => {
    expect(readEntryId('12')).toEqual({ seq: 12, index: Number.MAX_SAFE_INTEGER })
  })

  it.each(['', '.', '7.', '.2', '7.x', 'x7.2', '7.2x', '-7.2', '7.2.1', ' 7', '7\n', '1e3'])(
    'is not %j',
    (text) => {
      expect(readEntryId(text)).toBeUndefined()
    },
  )

  it('has at most 15 digits for the row and 6 for the index, which numbers hold exactly', () => {
    expect(readEntryId('1000000000000000')).toBeUndefined()
    expect(readEntryId('7.1000000')).toBeUndefined()
  })

  it('gives the index of an entry in its row', () => {
    expect(['7.0', '7.2', '10.12'].map((entryId) => indexOf({ ...entry(7), entryId }))).toEqual([0, 2, 12])
  })
})
