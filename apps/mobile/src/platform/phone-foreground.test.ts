import { expect, it } from 'vitest'

import { phoneForeground } from './phone-foreground.ts'

it('[ENG-19] a phone calls back when the app is active again, and not for what leaves it active', () => {
  const listeners = new Set<(state: string) => void>()
  const onForeground = phoneForeground({
    currentState: 'active',
    addEventListener: (_type, listener) => {
      listeners.add(listener)
      return { remove: () => listeners.delete(listener) }
    },
  })
  let shown = 0
  const stop = onForeground(() => shown++)
  const become = (...states: string[]) => {
    for (const state of states) for (const listener of listeners) listener(state)
  }
  become('active', 'inactive', 'background', 'active', 'active')
  expect(shown).toBe(1)
  become('inactive', 'active')
  expect(shown).toBe(2)
  stop()
  become('background', 'active')
  expect(shown).toBe(2)
})
