import { expect, it } from 'vitest'
import { z } from 'zod'

import { JsonPointer } from '../entities/json-pointer.ts'
import { DeterministicChecksum, Observation } from '../entities/observation.ts'
import { PlaybookPatch } from '../entities/playbook-patch.ts'
import { Playbook, PlaybookRule } from '../entities/playbook.ts'
import { type Breach, BREACH_CODES } from '../entities/validation-issue.ts'
import {
  DeviceId,
  ObservationId,
  PatchId,
  PlaybookId,
  RecommendationId,
  RuleId,
  WeatherFeaturesId,
  WorkspaceId,
  WorkspaceUid,
} from '../ids.ts'
import { Instant } from '../instant.ts'
import { AuditInput } from '../operations/inputs.ts'
import { StateHash } from '../sync/state-hash.ts'
import { altered, observation, playbook, playbookPatch, without } from '../testing/index.ts'
import { ShortText } from '../text.ts'
import { ContractVersion } from '../version.ts'
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
    // The record is level 1, and the level that is one too many is the first that breaks.
    expect(found?.path).toBe(value === nested ? path + '/0'.repeat(63) : path)
    // The wire has the same, without the kind.
    const parsed = parseInput(schema, broken)
    expect(parsed).toMatchObject({ ok: false })
    expect(!parsed.ok && parsed.issues[0]).toStrictEqual({ path: found?.path, message: found?.message })
  },
)

it('[SHP-7] __proto__ is an unknown key like any other', () => {
  const location = JSON.parse('{"lat": 38.5, "lon": -121.7, "__proto__": {}}') as object
  expect(breachesOf(Observation, { ...observation(), location })).toEqual([
    { path: '/location/__proto__', message: 'is not a known key', code: 'unknown_key' },
  ])
})

it('[ERR-6] what is missing is required, and what is whole breaks nothing', () => {
  expect(breachesOf(Observation, without(observation(), '/rawNoteText'))).toEqual([
    { path: '/rawNoteText', message: 'is required', code: 'required' },
  ])
  expect(breachesOf(Observation, observation())).toEqual([])
})

it('[SHP-3] text by itself is refused in the words and the code of a whole body', () => {
  expect(breachesOf(ShortText, 'a\0')).toEqual([
    { path: '', message: 'must be valid Unicode without NUL', code: 'unstorable_text' },
  ])
})

it.each([
  ['two characters at least', z.string().min(2), 'x', { code: 'text_short', bound: 2 }],
  ['two items at most', z.array(z.int()).max(2), [1, 2, 3], { code: 'list_long', bound: 2 }],
  ['one of two types', z.union([z.string(), z.number()]), true, { code: 'wrong_type' }],
  ['a number, given text', z.int(), '9', { code: 'wrong_type' }],
  ['what is no multiple', z.number().multipleOf(2), 3, { code: 'other' }],
  ['a check without a code', z.string().refine(() => false), 'x', { code: 'other' }],
  ['a check with a later code', checkedAs('later'), 'x', { code: 'other' }],
  ['a check with a name of the language', checkedAs('constructor'), 'x', { code: 'other' }],
  ['a check whose code is no text', checkedAs(['too_many_rules']), 'x', { code: 'other' }],
] as const)('[ERR-6] a schema of a later version may break in other ways: %s', (_, schema, value, breach) => {
  const { path, message: _message, ...kind } = breachesOf(schema, value)[0] ?? {}
  expect({ path, ...kind }).toEqual({ path: '', ...breach })
})

function checkedAs(code: unknown) {
  return z.string().refine(() => false, { error: 'is refused', params: { code } })
}

it.each(
  Object.entries({
    WorkspaceId,
    WorkspaceUid,
    DeviceId,
    ObservationId,
    RecommendationId,
    PatchId,
    PlaybookId,
    RuleId,
    WeatherFeaturesId,
    Instant,
    JsonPointer,
    ContractVersion,
    irrigationWindow: PlaybookRule.shape.constraints.shape.irrigationWindowLocal.unwrap(),
    auditEntry: AuditInput.shape.after.unwrap(),
  }),
)('[ERR-5] the message about a wrong %s gives an example of a right one', (_, schema: z.ZodType) => {
  const message = breachesOf(schema, '?')[0]?.message ?? ''
  const [, example] = /^must (?:look like|be .*such as) (\S+)$/.exec(message) ?? []
  expect(example, message).toBeDefined()
  expect(breachesOf(schema, example)).toEqual([])
})

it.each([DeterministicChecksum, StateHash])(
  '[ERR-5] the message about a wrong hash gives its length',
  (schema) => {
    expect(breachesOf(schema, '?')[0]?.message).toMatch(/^must .*64 .*hex digits$/)
  },
)

it('[ERR-6] every kind that a schema can report is among these cases', () => {
  const covered = new Set([...CASES.map(([, , , , { code }]) => code), 'required'])
  // No text of a record has a minimum above 1; the size is a server's limit, and the rules of a playbook are no schema.
  const elsewhere = ['text_short', 'too_large', 'not_editable', 'not_granted', 'not_applicable', 'other']
  expect(BREACH_CODES.filter((code) => !covered.has(code))).toEqual(elsewhere)
})
