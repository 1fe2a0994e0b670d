import { expect, it } from 'vitest'

import {
  checkpointOfNote,
  checkpointOrigin,
  checkpointText,
  readCheckpoint,
  witnessedNote,
} from './checkpoint.ts'

const HASH = 'ab'.repeat(32)
const origin = checkpointOrigin('ws_ridge', 'wsu_1')

it('[AUD-12] a checkpoint names its chain, the number and the hash of the last row, each on its line', () => {
  const text = checkpointText({ origin, seq: 42, hash: HASH })
  expect(text).toBe(`fieldsync/audit/ws_ridge/wsu_1\n42\n${HASH}\n`)
  expect(readCheckpoint(text)).toEqual({ origin, seq: 42, hash: HASH })
  for (const seq of [0, 7, 42, 999_999_999_999_999])
    expect(readCheckpoint(checkpointText({ origin, seq, hash: HASH }))).toEqual({ origin, seq, hash: HASH })
})

it.each([
  '',
  `${origin}\n42\n${HASH}`,
  `${origin}\n42\n${HASH}\nmore\n`,
  `other/audit/ws_ridge/wsu_1\n42\n${HASH}\n`,
  `x${origin}\n42\n${HASH}\n`,
  `${origin}\n042\n${HASH}\n`,
  `${origin}\n-1\n${HASH}\n`,
  `${origin}\n1234567890123456\n${HASH}\n`,
  `${origin}\n42\n${HASH.toUpperCase()}\n`,
  `${origin}\n42\n${HASH}0\n`,
])('[AUD-12] %j is no checkpoint', (text) => {
  expect(readCheckpoint(text)).toBeUndefined()
})

const note = (seq: number, of = origin, hash = HASH): string =>
  `${checkpointText({ origin: of, seq, hash })}\n— fieldsync-audit AbCd\n`

it('[ENG-85] a note says its checkpoint, whoever has signed it', () => {
  expect(checkpointOfNote(note(7))).toEqual({ origin, seq: 7, hash: HASH })
  expect(checkpointOfNote(checkpointText({ origin, seq: 7, hash: HASH }))).toBeUndefined()
  expect(checkpointOfNote('')).toBeUndefined()
  expect(checkpointOfNote(`${note(7)}${'x'.repeat(512)}`)).toBeUndefined()
})

it.each([
  ['the first one', undefined, note(5), note(5)],
  ['a later one', note(5), note(6), note(6)],
  ['an earlier one', note(5), note(4), note(5)],
  ['another one of the same number', note(5), note(5, origin, 'cd'.repeat(32)), note(5)],
  ['none', note(5), 'nothing', note(5)],
  ['one of another workspace', note(5), note(9, checkpointOrigin('ws_ridge', 'wsu_2')), note(5)],
  ['one in the place of a foreign one', note(9, checkpointOrigin('ws_ridge', 'wsu_2')), note(5), note(5)],
])(
  '[ENG-85] a witness that is offered %s stores the greatest number of its own chain',
  (_, stored, offered, expected) => {
    expect(witnessedNote(stored, offered, 'wsu_1')).toBe(expected)
  },
)

it('[ENG-85] without a known workspace the newest chain counts', () => {
  const other = note(3, checkpointOrigin('ws_ridge', 'wsu_2'))
  expect(witnessedNote(note(5), other, null)).toBe(other)
  expect(witnessedNote(note(5), note(4), null)).toBe(note(5))
})
