import { readFileSync } from 'node:fs'
import path from 'node:path'

import { Playbook } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { pointerLabel } from '../messages/field-label.ts'
import { textsIn } from '../messages/messages.ts'
import { editableValue, rangeOf, ruleValues } from './rule-values.ts'
import { valueText } from './value-text.ts'

const STARTER = path.resolve(import.meta.dirname, '../../../../prisma/starter')
const playbook = Playbook.parse(JSON.parse(readFileSync(path.join(STARTER, 'starter-playbook.json'), 'utf8')))
const rule = Object.values(playbook.rules).find(({ ruleId }) => ruleId === 'rule_pm_moderate')
const RULE = '/rules/rule_pm_moderate'

describe('a rule’s values', () => {
  it('are shown one by one, and those that may be changed are known', () => {
    if (rule === undefined) throw new Error('the starter playbook lacks the rule')
    const { instructions, limits, window } = ruleValues(rule)
    expect(instructions).toMatchObject({ pointer: `${RULE}/action/instructions`, isEditable: true })
    expect(limits).toEqual([
      { pointer: `${RULE}/constraints/maxWindKph`, value: 12, isEditable: true },
      { pointer: `${RULE}/constraints/avoidInversion`, value: true, isEditable: false },
      { pointer: `${RULE}/constraints/maxRelativeHumidityPct`, value: 85, isEditable: false },
      { pointer: `${RULE}/constraints/minHoursWithoutRain`, value: 4, isEditable: false },
    ])
    // The whole window may be changed, and so may what lies below.
    expect(window.map(({ isEditable }) => isEditable)).toEqual([true, true])
  })

  it('have the bounds of the contract, where there are some', () => {
    expect(rangeOf(`${RULE}/constraints/maxWindKph`)).toEqual({ min: 0, max: 100 })
    expect(rangeOf(`${RULE}/action/instructions`)).toBeUndefined()
  })

  it.each([
    [`${RULE}/constraints/maxWindKph`, 12],
    [`${RULE}/timing/baseWindowHours/endOffsetHours`, 6],
    [`${RULE}/constraints/avoidInversion`, null],
    [`${RULE}/timing/baseWindowHours`, null],
    [`${RULE}/constraints/maxWindKphs`, null],
    ['/rules/rule_none/constraints/maxWindKph', null],
    ['/version', null],
    ['no pointer', null],
  ])('%s may be changed from %s', (pointer, value) => {
    expect(editableValue(playbook, pointer)).toBe(value)
  })
})

describe('words for values', () => {
  const texts = textsIn('es')
  it.each([
    ['/a/maxWindKph', 12, 'Viento máximo', '12 km/h'],
    ['/a/avoidInversion', true, 'Evitar con inversión térmica', 'Sí'],
    ['/a/somethingNew', 'as is', 'somethingNew', 'as is'],
  ])('%s', (pointer, value, label, words) => {
    expect(pointerLabel(texts.t, pointer)).toBe(label)
    expect(valueText(texts, pointer, value)).toBe(words)
  })
})
