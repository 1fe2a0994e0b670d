import { expect, it, vi } from 'vitest'

import { LineBudget } from './request-log.ts'

it('lets so many lines through per second and reports how many it held back', () => {
  const reported: number[] = []
  let now = 0
  const budget = new LineBudget(
    2,
    (count) => reported.push(count),
    () => now,
  )
  expect([budget.take(), budget.take(), budget.take(), budget.take()]).toEqual([true, true, false, false])
  expect(reported).toEqual([])
  now = 1000
  expect(budget.take()).toBe(true)
  expect(reported).toEqual([2])
})

it('reports at the end of the second when no more lines follow', () => {
  vi.useFakeTimers()
  try {
    const reported: number[] = []
    const budget = new LineBudget(1, (count) => reported.push(count))
    for (let i = 0; i < 5; i++) budget.take()
    vi.advanceTimersByTime(1000)
    expect(reported).toEqual([4])
  } finally {
    vi.useRealTimers()
  }
})
