import { deleteDB } from 'idb'

import type { LocalStore } from '../../../core/local-store.ts'
import { LOCAL_STORE_CASES } from '../../testing/local-store-cases.ts'
import { noteWrite, wholeTransactions } from '../../testing/note-writes.ts'
import { runStoreCase } from '../../testing/store-case.ts'
import { add, contentOf, errorOf, gate } from '../../testing/store-values.ts'
import { openIndexedDbStore } from '../indexeddb-store.ts'

let places = 0
let store: LocalStore | undefined
let changes = 0
let letGo = (): void => {}

function opened(): LocalStore {
  if (store === undefined) throw new Error('this tab has opened no store')
  return store
}

/** Text that a browser cannot make smaller before it counts it. */
function incompressible(length: number): string {
  const pieces: string[] = []
  let state = 1
  for (let made = 0; made < length; made += pieces.at(-1)?.length ?? 0) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    pieces.push(state.toString(36))
  }
  return pieces.join('')
}

/** What a test asks of a tab. */
const storePage = {
  /** Runs one case of the suite; resolves with what went wrong. */
  runCase: async (title: string, seed: number): Promise<string | undefined> => {
    const testCase = LOCAL_STORE_CASES.find((known) => known.title === title)
    if (testCase === undefined) return `the page knows no case "${title}"`
    try {
      await runStoreCase(testCase, {
        seed,
        place: async () => {
          const name = `place ${(places += 1)}`
          return { open: (schema) => openIndexedDbStore({ name }, schema), remove: () => deleteDB(name) }
        },
      })
      return undefined
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error)
    }
  },
  open: async (name: string): Promise<void> => {
    store = await openIndexedDbStore({ name })
    store.onChange(() => (changes += 1))
  },
  changes: (): number => changes,
  content: (): Promise<Record<string, unknown>> => contentOf(opened()),
  count: async (times: number): Promise<void> => {
    for (let turn = 0; turn < times; turn += 1) {
      await opened().write((transaction) => add(transaction, 'counter', 1))
    }
  },
  /** Takes the lock and keeps it; resolves with whether that worked. */
  hold: (): Promise<boolean> => {
    const done = gate()
    letGo = done.open
    return new Promise((resolve) => {
      const holding = opened().exclusively(() => {
        resolve(true)
        return done.opened
      })
      void holding.then(({ ran }) => resolve(ran))
    })
  },
  letGo: (): void => letGo(),
  /** Notes writes without end, and says each that was acknowledged. */
  noteWrites: async (): Promise<void> => {
    for (let turn = (await wholeTransactions(opened())) + 1; ; turn += 1) {
      await noteWrite(opened(), turn)
      void acknowledged(turn)
    }
  },
  wholeTransactions: (): Promise<number> => wholeTransactions(opened()),
  /** Writes so many characters at once; resolves with the code of the error. */
  fill: async (length: number): Promise<unknown> => {
    const writing = opened().write(async (transaction) => {
      await transaction.put('values', 'small', 1)
      await transaction.put('values', 'large', incompressible(length))
    })
    const error = await errorOf(writing)
    return error instanceof Error && 'code' in error ? error.code : error
  },
}

declare global {
  var storePage: StorePage
  /** The test's own, in the tabs that note writes. */
  function acknowledged(turn: number): Promise<void>
}
type StorePage = typeof storePage
Object.assign(globalThis, { storePage })
