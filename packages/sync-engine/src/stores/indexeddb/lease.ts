import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

/** How long a lease holds without being renewed: longer than a hidden tab's timers may be late, in all but the worst case. */
const LEASE_MS = 30_000
const RENEWAL_MS = 5_000

type Lease = { holder: string; until: number }
type LeaseDatabase = DBSchema & { lease: { key: 'lease'; value: Lease } }

/**
 * The lock where the browser has no Web Locks: a lease in a small database of its own, renewed while `work` runs. A tab
 * that dies lets go by not renewing it. One whose timers were held up for too long may lose it to another tab; `lost`
 * says so.
 */
export async function underLease<T>(
  name: string,
  lost: AbortController,
  work: () => Promise<T>,
): Promise<{ ran: true; value: T } | { ran: false }> {
  const database = await openDB<LeaseDatabase>(name, 1, {
    upgrade: (fresh) => void fresh.createObjectStore('lease'),
  })
  try {
    const me = randomName()
    if (!(await extend(database, me, isFree))) return { ran: false }
    const renewal = setInterval(() => {
      // A lease that cannot be renewed is one that another tab may have.
      extend(database, me, isMine(me)).then(
        (renewed) => renewed || lost.abort(),
        () => lost.abort(),
      )
    }, RENEWAL_MS)
    try {
      return { ran: true, value: await work() }
    } finally {
      clearInterval(renewal)
      await release(database, me)
    }
  } finally {
    database.close()
  }
}

type Condition = (lease: Lease | undefined, now: number) => boolean

const isMine =
  (me: string): Condition =>
  (lease) =>
    lease?.holder === me

// A lease that ends later than any that could have been given by now comes from a clock that has been set back since.
const isFree: Condition = (lease, now) =>
  lease === undefined || lease.until <= now || lease.until > now + LEASE_MS

async function extend(
  database: IDBPDatabase<LeaseDatabase>,
  me: string,
  condition: Condition,
): Promise<boolean> {
  const transaction = database.transaction('lease', 'readwrite')
  const now = Date.now()
  const granted = condition(await transaction.store.get('lease'), now)
  if (granted) await transaction.store.put({ holder: me, until: now + LEASE_MS }, 'lease')
  await transaction.done
  return granted
}

async function release(database: IDBPDatabase<LeaseDatabase>, me: string): Promise<void> {
  const transaction = database.transaction('lease', 'readwrite')
  if ((await transaction.store.get('lease'))?.holder === me) await transaction.store.delete('lease')
  await transaction.done
}

// Without a secure context there are no Web Locks, but no `crypto.randomUUID` either.
const randomName = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-')
