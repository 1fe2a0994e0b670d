import { Instant, Playbook } from '@fieldsync/contracts'
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { canonicalRecord, canonicalText } from '../canonical.ts'
import { ACTORS } from '../testing/actors.ts'
import { at, patch, PLAYBOOK } from '../testing/playbook-samples.ts'
import { decidePatch } from './playbook-patch.ts'

const NOW = Instant.parse('2026-02-12T09:00:00Z')

const adjustment = {
  feature: 'diseaseRiskScore',
  condition: '> 0.5',
  shiftStartMinutes: 30,
  shiftEndMinutes: 0,
  rationaleTag: 'new',
}
const ruleId = fc.constantFrom('rule_a', 'rule_b', 'rule_c')
const place = fc.constantFrom(
  '/constraints/maxWindKph',
  '/constraints/avoidInversion',
  '/constraints/maxWind',
  '/constraints',
  '/constraints/__proto__',
  '/action',
  '/action/instructions',
  '/action/type',
  '/timing/weatherAdjustments',
  '/timing/weatherAdjustments/-',
  '/timing/weatherAdjustments/0',
  '/timing/weatherAdjustments/1',
  '/timing/weatherAdjustments/3',
  '/timing/weatherAdjustments/0/condition',
  '/timing/baseWindowHours',
  '/editablePaths',
  '',
)
const path = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(place, ruleId).map(([below, rule]) => at(below, rule)) },
  { weight: 1, arbitrary: fc.constantFrom('', '/version', '/rules', '/rules/__proto__/action') },
)
const value = fc.constantFrom(
  5,
  -1,
  true,
  'Spray',
  'monitor',
  adjustment,
  [adjustment],
  { type: 'monitor', instructions: 'Look' },
  JSON.parse('{"__proto__": {"polluted": true}}'),
)
const anyOperation = fc.record({ op: fc.constantFrom('add', 'replace', 'remove'), path, value })
// Each of these alone is accepted, so that many patches are.
const goodOperation = fc.constantFrom(
  { op: 'replace', path: at('/constraints/maxWindKph'), value: 5 },
  { op: 'replace', path: at('/action'), value: { type: 'monitor', instructions: 'Look' } },
  { op: 'remove', path: at('/timing/weatherAdjustments/0') },
  { op: 'add', path: at('/timing/weatherAdjustments/1'), value: adjustment },
  { op: 'add', path: at('/timing/weatherAdjustments/-', 'rule_b'), value: adjustment },
  { op: 'remove', path: at('/constraints/avoidInversion', 'rule_b') },
)
const operations = fc.array(fc.oneof(goodOperation, anyOperation), { minLength: 1, maxLength: 3 })

const decide = (sent: ReturnType<typeof patch>) =>
  decidePatch({
    actor: ACTORS.agronomist,
    playbook: PLAYBOOK,
    acceptedContent: undefined,
    grants: undefined,
    incoming: canonicalRecord(sent),
    at: NOW,
  })

/** Every leaf of a document as `pointer=value`, the segments joined plainly (no sample key needs escaping). */
function leaves(node: unknown, pointer = ''): string[] {
  if (typeof node !== 'object' || node === null) return [`${pointer}=${JSON.stringify(node)}`]
  const inner = Object.entries(node)
  return inner.length === 0
    ? [`${pointer}=empty`]
    : inner.flatMap(([key, item]) => leaves(item, `${pointer}/${key}`))
}

// Written out from the sample's editable paths; appended items of rule_b come after its three.
const MAY_CHANGE =
  /^\/(version|updatedAt|rules\/rule_a\/(constraints\/maxWindKph|action|timing\/weatherAdjustments)|rules\/rule_b\/(timing\/weatherAdjustments\/(0|[3-9]|\d\d+)|constraints\/avoidInversion))(\/|=)/

it('[GUA-6, PCH-7, PCH-8, PCH-9, PCH-12] an accepted patch changes allowed places only and makes one next version', () => {
  const base = canonicalText(PLAYBOOK)
  const before = new Set(leaves(PLAYBOOK))
  let accepted = 0
  fc.assert(
    fc.property(operations, (sent) => {
      const decision = decide(patch(sent))
      expect(canonicalText(PLAYBOOK)).toBe(base)
      if (decision.kind !== 'accept') return
      accepted++
      const { document } = decision
      expect(Playbook.safeParse(document).success).toBe(true)
      expect(document).toMatchObject({ version: 4, updatedAt: NOW })
      const after = new Set(leaves(document))
      const changed = [...before, ...after].filter((leaf) => !before.has(leaf) || !after.has(leaf))
      expect(changed.filter((leaf) => !MAY_CHANGE.test(leaf))).toEqual([])
    }),
    { numRuns: 1000 },
  )
  expect(accepted).toBeGreaterThan(200)
  expect(Object.prototype).not.toHaveProperty('polluted')
})

it('[PCH-1] an accepted patch is a duplicate when it is sent again, at any later version', () => {
  fc.assert(
    fc.property(operations, fc.integer({ min: 3, max: 9 }), (sent, version) => {
      const incoming = canonicalRecord(patch(sent))
      const again = decidePatch({
        actor: ACTORS.agronomist,
        playbook: { ...PLAYBOOK, version },
        acceptedContent: incoming.contentText,
        grants: undefined,
        incoming,
        at: NOW,
      })
      expect(again).toEqual({ kind: 'duplicate' })
    }),
  )
})
