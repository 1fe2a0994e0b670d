import stringWidth from 'string-width'
import { expect, it } from 'vitest'

import { table } from './table.ts'

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
