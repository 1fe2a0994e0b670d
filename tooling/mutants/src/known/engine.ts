import type { KnownMutant } from './known-mutant.ts'

const DEVICE_TESTS = 'packages/simulator/src/engine'

/** Mistakes of a device's engine that a whole sync run shows, and its own tests without a server do not. */
export const ENGINE_MUTANTS: readonly KnownMutant[] = [
  {
    name: 'known-drift-waits-for-a-clock-that-was-set-back',
    breaks: 'HSH-6: a difference is tried again at growing intervals, at least once a day',
    file: 'packages/sync-engine/src/recover/drift.ts',
    find: ' && now >= healing.at',
    replace: '',
    tests: [`${DEVICE_TESTS}/recover/drift.test.ts`],
  },
]
