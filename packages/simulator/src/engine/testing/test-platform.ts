import type { Connectivity, LivePoke } from '@fieldsync/sync-engine'

/** A network that a test switches, and a poke that it gives. */
export function testPlatform(online = true) {
  const listeners = new Set<(online: boolean) => void>()
  const pokes = new Set<() => void>()
  const state = { online }
  const connectivity: Connectivity = {
    isOnline: () => state.online,
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const poke: LivePoke = {
    subscribe: (onPoke) => {
      pokes.add(onPoke)
      return () => void pokes.delete(onPoke)
    },
  }
  const switchTo = (value: boolean) => {
    state.online = value
    for (const listener of listeners) listener(value)
  }
  const pokeNow = () => {
    for (const listener of pokes) listener()
  }
  return { options: { connectivity, poke }, switchTo, pokeNow, listening: () => listeners.size + pokes.size }
}
