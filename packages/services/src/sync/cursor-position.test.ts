import { ServerCursor } from '@fieldsync/contracts'
import { NOWHERE } from '@fieldsync/db'
import { expect, it } from 'vitest'

import { cursorPosition } from './cursor-position.ts'

const A = 'a'.repeat(32)
const B = '0123456789abcdef'.repeat(2)
const read = (cursor: string) => cursorPosition(ServerCursor.parse(cursor))

it('[CUR-2] the start has nothing to prove', () => {
  for (const start of ['', 'cur_20260211_0000'])
    expect(read(start)).toEqual({ cursor: null, position: 0, head: null })
})

it('[CUR-6] a cursor proves its own position, and the head at its time where its page was not the last', () => {
  expect(read(`cur1_17_${A}`)).toEqual({ cursor: `cur1_17_${A}`, position: 17, head: null })
  expect(read(`cur1_17_${A}_923_${B}`)).toEqual({
    cursor: `cur1_17_${A}`,
    position: 17,
    head: { cursor: `cur1_923_${B}`, position: 923 },
  })
})

it.each([
  `cur1_17_${A}_`,
  `cur1_17_${A}_923_${B}_`,
  `cur1_17_${A}_923_${B.slice(1)}`,
  `xcur1_17_${A}`,
  `cur1_17_${A}x`,
  `cur1__${A}`,
  `cur1_1234567890123456_${A}`,
  `cur1_17_${A.toUpperCase()}`,
  `cur2_17_${A}`,
  'cur_20260211_0001',
])('[CUR-5] %j names no position, and is kept whole for the refusal', (cursor) => {
  expect(read(cursor)).toEqual({ cursor, position: NOWHERE, head: null })
})
