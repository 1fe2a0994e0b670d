import type {
  ListOptions,
  LocalStore,
  ReadTransaction,
  StoreTable,
  StoreTables,
  WriteTransaction,
} from '../ports/local-store.ts'

/** The store's process died: nothing of it goes on. */
export class Crash extends Error {}

type Tables = { [T in StoreTable]: Map<string, StoreTables[T]> }

/** What a device's disk holds; several stores may be open on it, as tabs are. */
export class MemoryDisk {
  readonly tables: Tables = {
    records: new Map(),
    outbox: new Map(),
    conflicts: new Map(),
    values: new Map(),
  }
  locked = false
  readonly listeners = new Set<() => void>()
  commits = 0
  /** Calls of transactions, to see what a work costs a store. */
  calls = 0
  /** Dies around the commit with this number, counted from 0. */
  crashAt: { commit: number; when: 'before' | 'after' } | null = null
  #queue: Promise<unknown> = Promise.resolve()

  /** One transaction after the other, whichever tab they come from. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => undefined)
    return turn
  }
}

/** A small LocalStore in memory for this package's tests: every call is a turn of its own, and values are copies. */
export class MemoryStore implements LocalStore {
  readonly disk: MemoryDisk
  #dead = false

  constructor(disk = new MemoryDisk()) {
    this.disk = disk
  }

  get isDead(): boolean {
    return this.#dead
  }

  read<T>(work: (transaction: ReadTransaction) => Promise<T>): Promise<T> {
    return this.disk.inTurn(() => {
      this.#live()
      return work(transactionOn(this.disk, []))
    })
  }

  write<T>(work: (transaction: WriteTransaction) => Promise<T>): Promise<T> {
    return this.disk.inTurn(async () => {
      this.#live()
      const { disk } = this
      const undo: (() => void)[] = []
      try {
        const value = await work(transactionOn(disk, undo))
        this.#crashIf('before')
        disk.commits++
        undo.length = 0
        this.#crashIf('after')
        for (const listener of disk.listeners) listener()
        return value
      } finally {
        for (const back of undo.toReversed()) back()
      }
    })
  }

  async exclusively<T>(
    work: (lost: AbortSignal) => Promise<T>,
  ): Promise<{ ran: true; value: T } | { ran: false }> {
    this.#live()
    if (this.disk.locked) return { ran: false }
    this.disk.locked = true
    try {
      return { ran: true, value: await work(new AbortController().signal) }
    } finally {
      this.disk.locked = false
    }
  }

  onChange(listener: () => void): () => void {
    this.disk.listeners.add(listener)
    return () => void this.disk.listeners.delete(listener)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** The process of this store is gone; another store may be opened on its disk. */
  die(): void {
    this.#dead = true
    this.disk.crashAt = null
    this.disk.locked = false
  }

  #crashIf(when: 'before' | 'after'): void {
    const { crashAt, commits } = this.disk
    const commit = when === 'before' ? commits : commits - 1
    if (crashAt?.when === when && crashAt.commit === commit) this.die()
    this.#live()
  }

  #live(): void {
    if (this.#dead) throw new Crash('the process died')
  }
}

function transactionOn(disk: MemoryDisk, undo: (() => void)[]): WriteTransaction {
  const tableOf = <T extends StoreTable>(table: T): Map<string, StoreTables[T]> => disk.tables[table]
  const keysOf = (table: StoreTable, { prefix = '', after, reverse = false }: ListOptions) => {
    disk.calls++
    const keys = [...disk.tables[table].keys()].filter((key) => key.startsWith(prefix)).sort()
    if (reverse) keys.reverse()
    return after === undefined ? keys : keys.filter((key) => (reverse ? key < after : key > after))
  }
  const valueOf = <T extends StoreTable>(table: T, key: string): StoreTables[T] | undefined =>
    structuredClone(tableOf(table).get(key))
  const set = <T extends StoreTable>(table: T, key: string, value: StoreTables[T] | undefined) => {
    const rows = tableOf(table)
    const before = rows.get(key)
    undo.push(() => (before === undefined ? rows.delete(key) : rows.set(key, before)))
    if (value === undefined) rows.delete(key)
    else rows.set(key, structuredClone(value))
  }
  return {
    get: async (table, key) => {
      disk.calls++
      return valueOf(table, key)
    },
    getMany: async (table, keys) => {
      disk.calls++
      return keys.map((key) => valueOf(table, key))
    },
    list: async <T extends StoreTable>(table: T, options: ListOptions = {}) =>
      keysOf(table, options)
        .slice(0, options.limit)
        .flatMap((key): [string, StoreTables[T]][] => {
          const value = valueOf(table, key)
          return value === undefined ? [] : [[key, value]]
        }),
    count: async (table, options = {}) => keysOf(table, options).length,
    put: async (table, key, value) => {
      disk.calls++
      set(table, key, value)
    },
    putMany: async (table, entries) => {
      disk.calls++
      for (const [key, value] of entries) set(table, key, value)
    },
    delete: async (table, keys) => {
      disk.calls++
      for (const key of keys) set(table, key, undefined)
    },
    clear: async (table) => {
      for (const key of keysOf(table, {})) set(table, key, undefined)
    },
  }
}
