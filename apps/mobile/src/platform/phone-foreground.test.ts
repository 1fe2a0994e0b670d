import { expect, it, vi } from 'vitest'

import { onPhoneForeground } from './phone-foreground.ts'

const app = vi.hoisted(() => ({
  listeners: new Set<(state: string) => void>(),
  currentState: 'active',
}))
// React Native's own runs on a phone alone.
vi.mock('react-native', () => ({
  AppState: {
    get currentState() {
      return app.currentState
    },
    addEventListener: (_type: string, listener: (state: string) => void) => {
      app.listeners.add(listener)
      return { remove: () => app.listeners.delete(listener) }
    },
  },
}))

it('[ENG-19] a phone calls back when the app is active again, and not for what leaves it active', () => {
  let shown = 0
  const stop = onPhoneForeground(() => shown++)
  const become = (...states: string[]) => {
    for (const state of states) for (const listener of app.listeners) listener(state)
  }
  become('active', 'inactive', 'background', 'active', 'active')
  expect(shown).toBe(1)
  become('inactive', 'active')
  expect(shown).toBe(2)
  stop()
  become('background', 'active')
  expect(shown).toBe(2)
})
