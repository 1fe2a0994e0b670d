import { expect, it } from 'vitest'
import type { z } from 'zod'

import { Observation } from '../entities/observation.ts'
import { PlaybookPatch } from '../entities/playbook-patch.ts'
import { Playbook } from '../entities/playbook.ts'
import { type Breach, BREACH_CODES } from '../entities/validation-issue.ts'
import { altered, observation, playbook, playbookPatch, without } from '../testing/index.ts'
import { breachesOf } from './breach.ts'
import { parseInput } from './parse-input.ts'

const RULE = '/rules/rule_pm_moderate'
const rules = Object.fromEntries(
  Array.from({ length: 201 }, (_, i) => [`rule_${i}`, playbook().rules['rule_pm_moderate']]),
)
const keys = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`k${i}`, i]))
const nested = JSON.parse(`${'['.repeat(70)}${']'.repeat(70)}`) as unknown

type Case = readonly [schema: z.ZodType, full: unknown, path: string, value: unknown, breach: Partial<Breach>]

/** Every kind of breach, at a value that has it. */
const CASES: readonly Case[] = [
  [Observation, observation(), '/color', 'red', { code: 'unknown_key' }],
  [Observation, observation(), '/rawNoteText', 7, { code: 'wrong_type' }],
  [Observation, observation(), '/rawNoteText', '', { code: 'text_empty', bound: 1 }],
  [Observation, observation(), '/rawNoteText', 'x'.repeat(20_001), { code: 'text_long', bound: 20_000 }],
  [Observation, observation(), '/rawNoteText', 'a\0b', { code: 'unstorable_text' }],
  [Observation, observation(), '/extraction/issue', 'rust', { code: 'not_a_choice' }],
  [Observation, observation(), '/extraction/symptoms', [], { code: 'list_short', bound: 1 }],
  [
    Observation,
    observation(),
    '/extraction/symptoms',
    Array.from({ length: 201 }, () => 'x'),
    { code: 'list_long', bound: 200 },
  ],
  [Observation, observation(), '/normalization/windEstimateKph', 121, { code: 'number_large', bound: 120 }],
  [Observation, observation(), '/normalization/windEstimateKph', -1, { code: 'number_small', bound: 0 }],
  [Observation, observation(), '/createdAt', 'yesterday', { code: 'format_instant' }],
  [Observation, observation(), '/deviceId', 'anna', { code: 'format' }],
  [Observation, observation(), '/rawNoteText', nested, { code: 'too_deep', bound: 64 }],
  [Observation, observation(), '/rawNoteText', keys, { code: 'too_many_keys', bound: 1000 }],
  [Playbook, playbook(), '/rules', rules, { code: 'too_many_rules' }],
  [Playbook, playbook(), '/version', 1.5, { code: 'not_whole' }],
  [
    Playbook,
    playbook(),
    `${RULE}/constraints/irrigationWindowLocal`,
    '4:30-7:00',
    { code: 'format_time_window' },
  ],
  [PlaybookPatch, playbookPatch(), '/operations/0/op', 'move', { code: 'not_a_choice' }],
  [PlaybookPatch, playbookPatch(), '/operations/0/value', 'x'.repeat(513), { code: 'text_long', bound: 512 }],
]

it.each(CASES)(
  '[ERR-6] %#: a breach has its kind, and the bound that it exceeds',
  (schema, full, path, value, breach) => {
    const broken = altered(full, path, value)
    const [found] = breachesOf(schema, broken)
    expect(found).toMatchObject(breach)
    expect(found?.path.startsWith(path)).toBe(true)
    // The wire has the same, without the kind.
    const parsed = parseInput(schema, broken)
    expect(parsed).toMatchObject({ ok: false })
    expect(!parsed.ok && parsed.issues[0]).toStrictEqual({ path: found?.path, message: found?.message })
  },
)

it('[ERR-6] what is missing is required, and what is whole breaks nothing', () => {
  expect(breachesOf(Observation, without(observation(), '/rawNoteText'))).toEqual([
    { path: '/rawNoteText', message: 'is required', code: 'required' },
  ])
  expect(breachesOf(Observation, observation())).toEqual([])
})

it('[ERR-6] every kind that a schema can report is among these cases', () => {
  const covered = new Set([...CASES.map(([, , , , { code }]) => code), 'required'])
  // No text of a record has a minimum above 1; the size is a server's limit, and the rules of a playbook are no schema.
  const elsewhere = ['text_short', 'too_large', 'not_editable', 'not_applicable', 'other']
  expect(BREACH_CODES.filter((code) => !covered.has(code))).toEqual(elsewhere)
})
