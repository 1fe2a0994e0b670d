import { expect, it } from 'vitest'

import { houseRuleFindings, textFindings, vocabularyFindings } from './house-rules.ts'

const findings = (text: string, path = 'packages/a/src/thing.ts') => houseRuleFindings([{ path, text }])

it('names a disabled lint rule', () => {
  expect(findings('// oxlint-disable-next-line')).toEqual(['packages/a/src/thing.ts:1 disables a lint rule'])
})

it('names a file that could hold anything', () => {
  expect(findings('', 'packages/a/src/utils.ts')).toHaveLength(1)
  expect(findings('', 'packages/a/src/helpers/thing.ts')).toHaveLength(1)
})

it.each([
  ['packages/domain/src/rules/thing.ts', 1],
  ['apps/mobile/src/data/thing.ts', 1],
  ['packages/domain/src/rules/thing.test.ts', 0],
  ['packages/client/src/testing/thing.ts', 0],
  ['packages/services/src/thing.ts', 0],
])('names what supported browsers lack, in %s', (path, count) => {
  expect(findings('const groups = Map.groupBy(items, keyOf)', path)).toHaveLength(count)
})

it('is content with ordinary code', () => {
  expect(findings('const disabled = 1', 'packages/a/src/typesetting.ts')).toEqual([])
})

const vocabulary = (text: string) => vocabularyFindings([{ path: 'packages/a/src/thing.ts', text }])

it.each([
  'const told = 1',
  'isTold()',
  'toldEvent',
  'judgements',
  'class Ledger {}',
  'keptText',
  'StandingsOf',
])('names a word that the glossary has another for: %s', (text) => {
  expect(vocabulary(text)).toHaveLength(1)
})

it('leaves prose, other words and names on the wire alone', () => {
  const text = [
    `// what is told, kept and laid aside`,
    `const stole = 'the ledger'`,
    'const doorway = `at the door`',
    `const { toldConflicts, outdoors } = answer`,
    `<p>a standing wave</p>`,
  ].join('\n')
  expect(vocabulary(text)).toEqual([])
})

it('names a word on a screen that the glossary has another for, but in no key and in no other file', () => {
  const text = `export const en = {\n  // What is told.\n  'chart.told': 'Conflicts',\n  lead: 'Told at {{at}}',\n}`
  const files = [
    'apps/a/src/messages/en.ts',
    'packages/messages/src/terms/terms-en.ts',
    'apps/a/src/other.ts',
  ]
  expect(textFindings(files.map((path) => ({ path, text })))).toEqual([
    'apps/a/src/messages/en.ts:4 says "Told" (docs/glossary.md)',
    'packages/messages/src/terms/terms-en.ts:4 says "Told" (docs/glossary.md)',
  ])
})
