import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { canonicalRecord, canonicalText } from './canonical.ts'
import { combineDigests, EMPTY_STATE_HASH, recordDigest } from './state-hash.ts'
import { observation } from './testing/observation-samples.ts'
import { sha256 } from './testing/sha256.ts'

const digestOf = (record: object, id = 'obs_1') =>
  recordDigest('observation', id, canonicalRecord(record), sha256)

describe('recordDigest', () => {
  it('[HSH-1] is over the tag, type, id, status and content, each on its line; a playbook has no status', () => {
    const record = observation({ status: 'confirmed', updatedAt: '2026-02-11T19:00:00Z' })
    const { status: _status, updatedAt: _updatedAt, ...content } = record
    const lines = ['fieldsync.state.v1', 'observation', 'obs_1', 'confirmed', canonicalText(content)]
    expect(digestOf(record)).toBe(sha256(lines.join('\n')))
    expect(recordDigest('playbook', 'pbk_1', canonicalRecord({ version: 3 }), sha256)).toBe(
      sha256('fieldsync.state.v1\nplaybook\npbk_1\n\n{"version":3}'),
    )
  })

  it('[HSH-1] depends on type, id, status and content alone', () => {
    const record = observation({ status: 'draft' })
    const digest = digestOf(record)
    expect(digestOf({ ...record, updatedAt: '2030-01-01T00:00:00Z' })).toBe(digest)
    expect(digestOf({ ...record, correction: { reason: 'x' } })).toBe(digest)
    expect(digestOf({ ...record, status: 'confirmed' })).not.toBe(digest)
    expect(digestOf({ ...record, rawNoteText: 'other' })).not.toBe(digest)
    expect(digestOf(record, 'obs_2')).not.toBe(digest)
    expect(recordDigest('recommendation', 'obs_1', canonicalRecord(record), sha256)).not.toBe(digest)
  })
})

describe('combineDigests', () => {
  const digests = fc.array(
    fc.string().map((text) => sha256(text)),
    { maxLength: 20 },
  )

  it('[HSH-1] is the same in every order, and of nothing it is zeros', () => {
    expect(combineDigests()).toBe(EMPTY_STATE_HASH)
    fc.assert(
      fc.property(digests, (list) => {
        expect(combineDigests(...list.toReversed())).toBe(combineDigests(...list))
        expect(combineDigests(...list)).toMatch(/^[0-9a-f]{64}$/)
      }),
    )
  })

  it('[HSH-1] is the exclusive or of its digests', () => {
    fc.assert(
      fc.property(digests, (list) => {
        const xor = list.reduce((all, digest) => all ^ BigInt(`0x${digest}`), 0n)
        expect(combineDigests(...list)).toBe(xor.toString(16).padStart(64, '0'))
      }),
    )
  })

  it('[HSH-1] forgets what is taken out again', () => {
    fc.assert(
      fc.property(digests, digests, (stored, gone) => {
        expect(combineDigests(combineDigests(...stored, ...gone), ...gone)).toBe(combineDigests(...stored))
      }),
    )
  })
})
