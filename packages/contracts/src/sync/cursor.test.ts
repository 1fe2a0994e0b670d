import { describe, expect, it } from 'vitest'

import { isStartCursor, ServerCursor } from './cursor.ts'

describe('isStartCursor', () => {
  it.each(['', 'cur_20260211_0000', 'cur_00000000_0000'])('[CUR-2] %j means from the beginning', (cursor) => {
    expect(isStartCursor(ServerCursor.parse(cursor))).toBe(true)
  })

  it.each([
    'cur_20260211_0001',
    'cur_2026021_0000',
    'cur_20260211_0000\n',
    ' cur_20260211_0000',
    ' ',
    'cur_20260211_00000',
    'CUR_20260211_0000',
  ])('[CUR-2] %j does not', (cursor) => {
    expect(isStartCursor(ServerCursor.parse(cursor))).toBe(false)
  })
})
