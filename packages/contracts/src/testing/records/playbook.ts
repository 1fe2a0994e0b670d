import type { z } from 'zod'

import type { Playbook, PlaybookPatch } from '../../index.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { mintId, momentOf, sharedRandom } from './ids.ts'
import { overridden, type Overrides } from './overrides.ts'

export type PlaybookInput = z.input<typeof Playbook>

/** A playbook with a spraying rule and an irrigation rule, in the state every new workspace starts with. */
export const playbook = (overrides: Overrides<PlaybookInput> = {}): PlaybookInput =>
  overridden<PlaybookInput>(
    {
      playbookId: 'pbk_yolo_grape',
      crop: 'grape',
      region: 'yolo_county_ca',
      version: 3,
      updatedAt: '2026-02-11T12:00:00Z',
      rules: { rule_pm_moderate: mildewRule(), rule_heat_moderate: heatRule() },
    },
    overrides,
  )

type Rule = PlaybookInput['rules'][string]

const mildewRule = (): Rule => ({
  ruleId: 'rule_pm_moderate',
  issue: 'powdery_mildew',
  severity: 'moderate',
  constraints: { maxWindKph: 12, avoidInversion: true, maxRelativeHumidityPct: 85, minHoursWithoutRain: 4 },
  action: { type: 'spray', instructions: 'Apply sulfur-based contact spray in affected block.' },
  timing: {
    baseWindowHours: { startOffsetHours: 2, endOffsetHours: 6 },
    weatherAdjustments: [
      {
        feature: 'inversionPresent',
        condition: 'true',
        shiftStartMinutes: 120,
        shiftEndMinutes: -60,
        rationaleTag: 'avoid_inversion',
      },
      {
        feature: 'windShearProxy',
        condition: 'high',
        shiftStartMinutes: 0,
        shiftEndMinutes: -60,
        rationaleTag: 'spray_drift_risk',
      },
    ],
  },
  editablePaths: [
    '/rules/rule_pm_moderate/constraints/maxWindKph',
    '/rules/rule_pm_moderate/action/instructions',
    '/rules/rule_pm_moderate/timing/baseWindowHours',
  ],
})

const heatRule = (): Rule => ({
  ruleId: 'rule_heat_moderate',
  issue: 'heat_stress',
  severity: 'moderate',
  constraints: { maxWindKph: 15, maxTemperatureC: 35, irrigationWindowLocal: '04:30-07:00' },
  action: { type: 'irrigate', instructions: 'Schedule short-cycle irrigation and canopy cooling check.' },
  timing: {
    baseWindowHours: { startOffsetHours: 10, endOffsetHours: 14 },
    weatherAdjustments: [
      {
        feature: 'heatStressScore',
        condition: '> 0.7',
        shiftStartMinutes: -60,
        shiftEndMinutes: 0,
        rationaleTag: 'high_heat_stress',
      },
    ],
  },
  editablePaths: [
    '/rules/rule_heat_moderate/constraints/maxWindKph',
    '/rules/rule_heat_moderate/constraints/maxTemperatureC',
    '/rules/rule_heat_moderate/action/instructions',
  ],
})

export type PlaybookPatchInput = z.input<typeof PlaybookPatch>

/** A patch that the starter playbook at version 3 takes: it moves one wind limit, which the rule allows. */
export function playbookPatch(
  overrides: Overrides<PlaybookPatchInput> = {},
  rng: SeededRandom = sharedRandom,
): PlaybookPatchInput {
  const requestedAt = overrides.requestedAt ?? momentOf(rng)
  return overridden<PlaybookPatchInput>(
    {
      patchId: mintId('pch', rng, requestedAt),
      playbookId: 'pbk_yolo_grape',
      baseVersion: 3,
      requestedByDeviceId: 'dev_scout_1',
      requestedAt,
      reason: 'Drift seen on the levee side last week; the limit should follow what the sprayer can hold.',
      operations: [
        {
          op: 'replace',
          path: '/rules/rule_pm_moderate/constraints/maxWindKph',
          value: rng.int(6, 18),
          justification: 'Agreed with the spray crew',
        },
      ],
    },
    overrides,
  )
}
