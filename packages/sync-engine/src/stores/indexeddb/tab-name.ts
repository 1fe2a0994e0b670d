const KEPT = 'fieldsync-tab'

/** This tab among the site's others. */
export type TabName = {
  readonly own: string
  /** Names of all tabs that are open. */
  readonly alive: () => Promise<ReadonlySet<string>>
}

const LOCK = 'fieldsync-tab:'

/**
 * The name of this tab, the same again after a reload. A tab that the browser made as a copy of another one gets a new
 * name: the other one holds a lock on its own for as long as it lives.
 */
export async function tabName(): Promise<TabName> {
  // There only in a secure context; without it every other tab counts as gone, and nothing is lost by that.
  const locks: LockManager | undefined = navigator.locks
  const before = stored()
  const own =
    before !== null && (await hold(locks, before))
      ? before
      : crypto.getRandomValues(new Uint32Array(3)).join('-')
  if (own !== before) {
    await hold(locks, own)
    store(own)
  }
  return {
    own,
    alive: async () => {
      const held = (await locks?.query())?.held ?? []
      return new Set(held.flatMap(({ name }) => (name?.startsWith(LOCK) ? [name.slice(LOCK.length)] : [])))
    },
  }
}

/** Takes the lock of a name and keeps it until the tab ends; false where another tab has it. */
function hold(locks: LockManager | undefined, name: string): Promise<boolean> {
  if (locks === undefined) return Promise.resolve(true)
  return new Promise((resolve) => {
    locks
      .request(LOCK + name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null)
        return lock === null ? undefined : new Promise<never>(() => undefined)
      })
      .catch(() => resolve(true))
  })
}

// A browser may forbid it: then each load is a tab of its own, whose predecessor is gone.
function stored(): string | null {
  try {
    return sessionStorage.getItem(KEPT)
  } catch {
    return null
  }
}

function store(name: string): void {
  try {
    sessionStorage.setItem(KEPT, name)
  } catch {
    // As above.
  }
}
