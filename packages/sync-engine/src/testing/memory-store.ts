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

/** What a device's disk holds; several stores may be open on it, as tabs are. */
export class MemoryDisk {
  tables = emptyTables()
  locked = false
  readonly listeners = new Set<() => void>()
  commits = 0
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

type Tables = { [T in StoreTable]: Map<string, StoreTables[T]> }

const emptyTables = (): Tables => ({
  records: new Map(),
  outbox: new Map(),
  conflicts: new Map(),
  values: new Map(),
})

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
      return work(transactionOn(this.disk.tables))
    })
  }

  write<T>(work: (transaction: WriteTransaction) => Promise<T>): Promise<T> {
    return this.disk.inTurn(async () => {
      this.#live()
      const { disk } = this
      const tables = copyOf(disk.tables)
      const value = await work(transactionOn(tables))
      const crash = disk.crashAt?.commit === disk.commits ? disk.crashAt.when : null
      if (crash === 'before') this.die()
      this.#live()
      disk.commits++
      disk.tables = tables
      if (crash === 'after') this.die()
      this.#live()
      for (const listener of disk.listeners) listener()
      return value
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

  #live(): void {
    if (this.#dead) throw new Crash('the process died')
  }
}

function copyOf(tables: Tables): Tables {
  return {
    records: new Map(tables.records),
    outbox: new Map(tables.outbox),
    conflicts: new Map(tables.conflicts),
    values: new Map(tables.values),
  }
}

function transactionOn(tables: Tables): WriteTransaction {
  const tableOf = <T extends StoreTable>(table: T): Map<string, StoreTables[T]> => tables[table]
  const keysOf = (table: StoreTable, { prefix = '', after, reverse = false }: ListOptions) => {
    const keys = [...tables[table].keys()].filter((key) => key.startsWith(prefix)).toSorted()
    if (reverse) keys.reverse()
    return after === undefined ? keys : keys.filter((key) => (reverse ? key < after : key > after))
  }
  const valueOf = <T extends StoreTable>(table: T, key: string): StoreTables[T] | undefined =>
    structuredClone(tableOf(table).get(key))
  const put = <T extends StoreTable>(table: T, key: string, value: StoreTables[T]) => {
    tableOf(table).set(key, structuredClone(value))
  }
  return {
    get: async (table, key) => valueOf(table, key),
    getMany: async (table, keys) => keys.map((key) => valueOf(table, key)),
    list: async <T extends StoreTable>(table: T, options: ListOptions = {}) =>
      keysOf(table, options)
        .slice(0, options.limit)
        .flatMap((key): [string, StoreTables[T]][] => {
          const value = valueOf(table, key)
          return value === undefined ? [] : [[key, value]]
        }),
    count: async (table, options = {}) => keysOf(table, options).length,
    put: async (table, key, value) => put(table, key, value),
    putMany: async (table, entries) => {
      for (const [key, value] of entries) put(table, key, value)
    },
    delete: async (table, keys) => {
      for (const key of keys) tables[table].delete(key)
    },
    clear: async (table) => tables[table].clear(),
  }
}
