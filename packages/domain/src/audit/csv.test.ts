import type { AuditEntry } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { AUDIT_CSV_HEADER, auditCsvLine } from './csv.ts'

const entry = (reason?: string): AuditEntry => ({
  entryId: '7.0',
  seq: 7,
  at: '2026-02-12T08:00:00.000Z',
  action: 'device.wipe',
  actor: { kind: 'device', deviceId: 'dev_one', role: 'admin' },
  target: { type: 'device', id: 'dev_two' },
  change: null,
  outcome: { ok: true, code: null },
  ...(reason === undefined ? {} : { reason }),
  request: { requestId: null, idempotencyKey: null, bodySha256: null },
  hash: 'h',
})
it('[AUD-19] a line has a value for each column, empty for none', () => {
  expect(auditCsvLine(entry()).split(',')).toHaveLength(AUDIT_CSV_HEADER.split(',').length)
  expect(auditCsvLine(entry())).toContain('7.0,2026-02-12T08:00:00.000Z,device.wipe,device,,dev_one,admin,')
})

it.each([
  ['lost, or stolen', '"lost, or stolen"'],
  ['he said "mine"', '"he said ""mine"""'],
  ['two\nlines', '"two\nlines"'],
  ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
  ['+1', "'+1"],
  ['@sum', "'@sum"],
  ['-2', "'-2"],
])('[AUD-19] %j is one value, and no formula', (reason, expected) => {
  expect(auditCsvLine(entry(reason))).toContain(`,${expected},true,`)
})
