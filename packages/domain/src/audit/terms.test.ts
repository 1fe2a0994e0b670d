import { describe, expect, it } from 'vitest'

import { sha256 } from '../testing/sha256.ts'
import type { AuditBody, AuditChange } from './body.ts'
import { auditTerms, filterTerms } from './terms.ts'

const change = (fields: Partial<AuditChange>): AuditChange => ({
  type: 'playbook',
  id: 'pbk_one',
  kind: 'patch',
  before: null,
  after: null,
  ...fields,
})
const body = (chg: readonly AuditChange[], fields: Partial<AuditBody> = {}): AuditBody => ({
  v: 2,
  ws: 'ws_one',
  seq: 7,
  at: '2026-02-12T08:00:00.000Z',
  act: 'sync.batch',
  actor: {
    auth: 'session',
    usr: 'per_1',
    dev: 'dev_web_1',
    client: null,
    role: 'admin',
    jti: null,
    via: 'trpc',
  },
  chg,
  tgt: null,
  req: { id: null, idem: null, bodySha256: null },
  out: { ok: true, code: null },
  ...fields,
})
const terms = (chg: readonly AuditChange[], fields?: Partial<AuditBody>) =>
  auditTerms(body(chg, fields), sha256).map(({ index, term }) => `${index} ${term}`)

/** Whether a search finds a change of a row, by the terms alone. */
function finds(filter: Parameters<typeof filterTerms>[0], row: AuditBody, index = 0): boolean {
  const has = new Set(
    auditTerms(row, sha256).flatMap((each) => (each.index === index || each.index === -1 ? [each.term] : [])),
  )
  const { changes, rows } = filterTerms(filter, sha256)
  return rows.every((term) => has.has(term)) && changes.every((any) => any.some((term) => has.has(term)))
}

describe('the terms of a row', () => {
  it('[AUD-18] name who, what and each record; a target holds for every change of the row', () => {
    expect(
      terms([change({ type: 'observation', id: 'obs_1' })], { tgt: { type: 'device', id: 'dev_2' } }),
    ).toEqual([
      '-1 *',
      '-1 action:sync.batch',
      '-1 device:dev_web_1',
      '-1 person:per_1',
      '0 record:dev_2',
      '0 record:obs_1',
    ])
  })

  it('[AUD-18] name the target of a row without changes', () => {
    expect(terms([], { tgt: { type: 'device', id: 'dev_2' } })).toContain('0 record:dev_2')
  })

  it('[AUD-18] name the patch of an edit, and each place with all above it', () => {
    const edit = {
      patch: 'pch_1',
      reason: null,
      from: 1,
      version: 2,
      places: [{ path: '/a/b', before: null, after: null }],
    }
    expect(terms([change({ paths: ['/a'], edit })]).filter((each) => each.startsWith('0 '))).toEqual([
      '0 record:pbk_one',
      '0 record:pch_1',
      '0 at:/a',
      '0 under:',
      '0 under:/a',
      '0 at:/a/b',
      '0 under:/a/b',
    ])
  })

  it('[AUD-18] fit an index however long a pointer is', () => {
    const long = `/${'x'.repeat(500)}`
    const [longest] = terms([change({ paths: [long] })]).toSorted((a, b) => b.length - a.length)
    expect(longest?.length).toBeLessThan(100)
    expect(finds({ path: long }, body([change({ paths: [long] })]))).toBe(true)
    expect(finds({ path: `${long}y` }, body([change({ paths: [long] })]))).toBe(false)
  })
})

describe('a search', () => {
  const edited = body([change({ paths: ['/rules/rule_a/constraints/maxWindKph'] })])
  const replaced = body([change({ paths: ['/rules/rule_a'] })])

  it.each([
    ['the place itself', edited, '/rules/rule_a/constraints/maxWindKph', true],
    ['a place above it', edited, '/rules/rule_a', true],
    ['the whole playbook', edited, '', true],
    ['a place beside it', edited, '/rules/rule_a/constraints/maxWind', false],
    ['a longer name of a segment above', edited, '/rules/rule_ab', false],
    ['a place inside what was replaced as a whole', replaced, '/rules/rule_a/constraints', true],
    ['another rule', replaced, '/rules/rule_b/constraints', false],
  ])('[AUD-18] by a rule finds a change by %s: %#', (_, row, path, expected) => {
    expect(finds({ path }, row)).toBe(expected)
  })

  it('[AUD-18] needs every filter, and these for the same change', () => {
    const row = body([
      change({ id: 'pbk_one', paths: ['/rules/rule_a'] }),
      change({ id: 'pbk_two', paths: ['/rules/rule_b'] }),
    ])
    expect(finds({ recordId: 'pbk_one', path: '/rules/rule_a', personId: 'per_1' }, row, 0)).toBe(true)
    expect(finds({ recordId: 'pbk_one', path: '/rules/rule_b' }, row, 0)).toBe(false)
    expect(finds({ recordId: 'pbk_one', path: '/rules/rule_b' }, row, 1)).toBe(false)
    expect(finds({ recordId: 'pbk_one', deviceId: 'dev_other' }, row, 0)).toBe(false)
  })

  it('[AUD-18] reads `~1` as a part of a name and not as a segment', () => {
    const row = body([change({ paths: ['/a~1b/c'] })])
    expect(finds({ path: '/a~1b' }, row)).toBe(true)
    expect(finds({ path: '/a' }, row)).toBe(false)
  })
})
