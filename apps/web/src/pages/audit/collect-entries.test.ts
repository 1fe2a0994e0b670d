import type { AuditEntry } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { collectEntries } from './collect-entries.ts'

const entry = (seq: number): AuditEntry => ({
  entryId: `${seq}.0`,
  seq,
  at: '2026-02-12T08:00:00.000Z',
  action: 'sync.batch',
  actor: { kind: 'device', deviceId: 'dev_one', role: 'scout' },
  target: null,
  change: null,
  outcome: { ok: true, code: null },
  request: { requestId: null, idempotencyKey: null, bodySha256: null },
  hash: 'h',
})
/** A list of this many entries, three to a page. */
const list = (count: number) => async (cursor: string | undefined) => {
  const start = Number(cursor ?? 0)
  const items = Array.from({ length: Math.min(3, count - start) }, (_, i) => entry(start + i))
  return { items, nextCursor: start + 3 < count ? String(start + 3) : null }
}

it('[APP-93] a download has every page, and says how far it is', async () => {
  const seen: number[] = []
  const { count, isWhole, parts } = await collectEntries(list(7), 'jsonl', (each) => seen.push(each))
  expect({ count, isWhole, seen }).toEqual({ count: 7, isWhole: true, seen: [3, 6, 7] })
  const lines = parts.join('').trimEnd().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as AuditEntry).seq)).toEqual([0, 1, 2, 3, 4, 5, 6])
})

it.each([
  [7, 5, 5, false],
  [6, 6, 6, true],
  [7, 6, 6, false],
  [0, 5, 0, true],
])(
  '[APP-93] of %i entries with a limit of %i it has %i, and says whether that is all: %s',
  async (...row) => {
    const [there, most, count, isWhole] = row
    const found = await collectEntries(list(there), 'csv', () => undefined, most)
    expect(found).toMatchObject({ count, isWhole })
    expect(found.parts.join('').split('\r\n')).toHaveLength(count + 2)
  },
)
