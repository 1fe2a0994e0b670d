import { expect, it } from 'vitest'

import { flag, instant, list, named, number, oneOf, patterned, whole } from '../testing/field-values.ts'
import { playbook } from '../testing/index.ts'
import { testShape } from '../testing/shape-tests.ts'
import { POINTER, REQUIRED, SEVERITY, SHORT } from '../testing/shared-fields.ts'
import { Playbook } from './playbook.ts'

const RULE = '/rules/rule_pm_moderate'
const { rule_pm_moderate: mildew, ...otherRules } = playbook().rules
if (!mildew) throw new Error('the playbook has no mildew rule')

testShape({
  name: 'Playbook',
  schema: Playbook,
  full: playbook({
    rules: {
      rule_pm_moderate: {
        ...mildew,
        constraints: {
          maxWindKph: 12,
          avoidInversion: true,
          maxRelativeHumidityPct: 85,
          minHoursWithoutRain: 4,
          maxTemperatureC: 35,
          irrigationWindowLocal: '04:30-07:00',
        },
        timing: { ...mildew.timing, weatherAdjustments: mildew.timing.weatherAdjustments.slice(0, 1) },
      },
    },
  }),
  fields: {
    '/playbookId': named('pbk_'),
    '/crop': oneOf('grape'),
    '/region': oneOf('yolo_county_ca'),
    '/version': whole(1),
    '/updatedAt': instant,
    [`${RULE}/ruleId`]: named('rule_'),
    [`${RULE}/issue`]: oneOf('powdery_mildew', 'heat_stress'),
    [`${RULE}/severity`]: SEVERITY,
    [`${RULE}/constraints/maxWindKph`]: number(0, 100),
    [`${RULE}/constraints/avoidInversion`]: flag,
    [`${RULE}/constraints/maxRelativeHumidityPct`]: number(0, 100),
    [`${RULE}/constraints/minHoursWithoutRain`]: number(0, 48),
    [`${RULE}/constraints/maxTemperatureC`]: number(-30, 70),
    [`${RULE}/constraints/irrigationWindowLocal`]: patterned(
      ['00:00-23:59', '22:00-04:30'],
      ['24:00-01:00', '4:30-07:00', '04:60-07:00', '04:30 - 07:00', '04:30', '04:30-07:00-08:00'],
    ),
    [`${RULE}/action/type`]: oneOf('spray', 'irrigate', 'monitor'),
    [`${RULE}/action/instructions`]: REQUIRED,
    [`${RULE}/timing/baseWindowHours/startOffsetHours`]: number(0, 24),
    [`${RULE}/timing/baseWindowHours/endOffsetHours`]: number(0, 48),
    [`${RULE}/timing/weatherAdjustments`]: list(0, mildew.timing.weatherAdjustments[0]),
    [`${RULE}/timing/weatherAdjustments/0/feature`]: oneOf(
      'inversionPresent',
      'humidityLayering',
      'windShearProxy',
      'sprayWindowScore',
      'diseaseRiskScore',
      'heatStressScore',
    ),
    [`${RULE}/timing/weatherAdjustments/0/condition`]: SHORT,
    [`${RULE}/timing/weatherAdjustments/0/shiftStartMinutes`]: whole(-240, 240),
    [`${RULE}/timing/weatherAdjustments/0/shiftEndMinutes`]: whole(-240, 240),
    [`${RULE}/timing/weatherAdjustments/0/rationaleTag`]: SHORT,
    [`${RULE}/editablePaths`]: list(1, '/rules'),
    [`${RULE}/editablePaths/0`]: POINTER,
    '/rules': {
      accepted: [{}, { rule_a: mildew, ...otherRules }, { ['rule_'.padEnd(128, 'a')]: mildew }, rules(200)],
      refused: [
        null,
        [],
        'x',
        { rule_: mildew },
        { Rule_a: mildew },
        { ['rule_'.padEnd(129, 'a')]: mildew },
        rules(201),
      ],
    },
  },
  optional: [
    ...[
      'avoidInversion',
      'maxRelativeHumidityPct',
      'minHoursWithoutRain',
      'maxTemperatureC',
      'irrigationWindowLocal',
    ].map((key) => `${RULE}/constraints/${key}`),
    RULE,
  ],
})

it('a playbook with too many rules says how many it may have', () => {
  const { error } = Playbook.safeParse({ ...playbook(), rules: rules(201) })
  expect(error?.issues.map(({ path, message }) => [path, message])).toEqual([
    [['rules'], 'must have at most 200 rules'],
  ])
})

function rules(count: number): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`rule_${i}`, mildew]))
}
