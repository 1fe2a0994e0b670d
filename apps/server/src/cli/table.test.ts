import stringWidth from 'string-width'
import { expect, it } from 'vitest'

import { counted, countedList, table } from './table.ts'

it('aligns columns by what a terminal shows, whatever the script', () => {
  const text = table(
    ['name', 'devices'],
    [
      ['Viña del Sol', '12'],
      ['葡萄园', '3'],
      ['\u{1f469}\u200d\u{1f33e} Ana', '4'],
      ['Cafe\u0301', '5'],
    ],
  )
  const lines = text.split('\n')
  expect(lines[0]).toBe('NAME          DEVICES')
  const beginnings = lines.slice(1).map((line) => stringWidth(line.replace(/\d+$/, '')))
  expect(new Set(beginnings)).toEqual(new Set([14]))
})

it('counts with the noun that agrees, and leaves zeros out of a list', () => {
  expect([0, 1, 2].map((count) => counted(count, 'record'))).toEqual(['0 records', '1 record', '2 records'])
  const list = (writes: number, conflicts: number, localOnly: number) =>
    countedList([
      [writes, 'write'],
      [conflicts, 'conflict'],
      [localOnly, 'record only on this device', 'records only on this device'],
    ])
  expect(list(1, 0, 2)).toBe('1 write and 2 records only on this device')
  expect(list(2, 1, 1)).toBe('2 writes, 1 conflict, and 1 record only on this device')
  expect(list(0, 0, 0)).toBe('nothing')
})
