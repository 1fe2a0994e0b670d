import { describe, expect, it } from 'vitest'

import { changesBetween, leavesOf } from './leaves.ts'

describe('the values of a document', () => {
  it('are listed with the pointers that a patch would name them by', () => {
    expect(leavesOf({ a: { 'b/c': 1 }, d: ['x'] }).map(({ path, value }) => [path, value])).toEqual([
      ['/a/b~1c', 1],
      ['/d/0', 'x'],
    ])
  })

  it('differ where one was changed, added or taken away, and nowhere else', () => {
    const changes = changesBetween({ same: 1, changed: 1, gone: true }, { same: 1, changed: 2, added: 'x' })
    expect(changes.map(({ path, before, after }) => [path, before, after])).toEqual([
      ['/changed', 1, 2],
      ['/gone', true, undefined],
      ['/added', undefined, 'x'],
    ])
  })
})
