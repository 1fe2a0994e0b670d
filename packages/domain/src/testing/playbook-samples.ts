import { Playbook, PlaybookPatch } from '@fieldsync/contracts'

const rule = (ruleId: string, editablePaths: readonly string[]) => ({
  ruleId,
  issue: 'powdery_mildew',
  severity: 'moderate',
  constraints: { maxWindKph: 12, avoidInversion: true },
  action: { type: 'spray', instructions: 'Spray sulfur' },
  timing: {
    baseWindowHours: { startOffsetHours: 2, endOffsetHours: 6 },
    weatherAdjustments: ['first', 'second', 'third'].map((rationaleTag) => ({
      feature: 'windShearProxy',
      condition: 'high',
      shiftStartMinutes: 0,
      shiftEndMinutes: -60,
      rationaleTag,
    })),
  },
  editablePaths,
})

/** Pointer into the sample rule `rule_a` or another one. */
export const at = (path: string, ruleId = 'rule_a'): string => `/rules/${ruleId}${path}`

/** A valid playbook at version 3. In `rule_b` only one item of an array, and appending to it, may be edited. */
export const PLAYBOOK: Playbook = Playbook.parse({
  playbookId: 'pbk_test',
  crop: 'grape',
  region: 'yolo_county_ca',
  version: 3,
  updatedAt: '2026-02-11T12:00:00Z',
  rules: {
    rule_a: rule('rule_a', [
      at('/constraints/maxWindKph'),
      at('/action'),
      at('/timing/weatherAdjustments'),
      // Names a path of another rule, where it permits nothing.
      at('/constraints/maxWindKph', 'rule_b'),
    ]),
    rule_b: rule('rule_b', [
      at('/timing/weatherAdjustments/0', 'rule_b'),
      at('/timing/weatherAdjustments/-', 'rule_b'),
      at('/constraints/avoidInversion', 'rule_b'),
    ]),
  },
})

/** A valid patch of that playbook, requested by `dev_agronomist`, with changes. */
export function patch(operations: readonly unknown[], changes: Record<string, unknown> = {}): PlaybookPatch {
  return PlaybookPatch.parse({
    patchId: 'pch_20260211_0001',
    playbookId: 'pbk_test',
    baseVersion: 3,
    requestedByDeviceId: 'dev_agronomist',
    requestedAt: '2026-02-11T19:00:00Z',
    reason: 'Windy block',
    operations,
    ...changes,
  })
}
