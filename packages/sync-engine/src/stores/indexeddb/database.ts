import { type IDBPTransaction, openDB } from 'idb'

import { StoreError, type StoreTable } from '../../core/local-store.ts'
import { newerSchema, type SchemaStep } from '../schema.ts'
import { runTransaction } from '../transaction/run-transaction.ts'
import { type Database, IndexedDbTransaction, storeError, type TextTables } from './indexeddb-transaction.ts'

/** How long an older version of the app, in another tab, may take to let go of the database. */
const LET_GO_MS = 10_000

export type DatabaseEvents = {
  /** Another tab migrates or deletes the database; the connection was closed so that it can. */
  onTakenAway: (reason: StoreError) => void
  /** The browser has closed the connection by itself; the next one may well work. */
  onLost: () => void
}

/**
 * Opens the database, and makes or migrates it: in one transaction, so the version before stays whole when a step fails
 * or the tab dies.
 * @throws {StoreError} `unavailable`, `newer_schema`, `blocked`, `full`
 */
export async function openDatabase(
  name: string,
  schema: readonly SchemaStep[],
  events: DatabaseEvents,
): Promise<Database> {
  if (typeof indexedDB === 'undefined') {
    throw new StoreError('unavailable', 'this browser has no IndexedDB, or has it switched off for this site')
  }
  let failure: { readonly error: unknown } | undefined
  const patience = new Patience()
  const open = () =>
    openDB<TextTables>(name, schema.length, {
      blocked: () => patience.begin(),
      upgrade: (database, from, _to, transaction) => {
        transaction.done.catch(() => {})
        upgrade(database, transaction, schema.slice(from)).catch((error: unknown) => {
          failure = { error }
          transaction.abort()
        })
      },
      blocking: (_current, wanted, event) => {
        if (event.target instanceof IDBDatabase) event.target.close()
        events.onTakenAway(
          wanted === null
            ? new StoreError('closed', 'the store was deleted')
            : newerSchema(wanted, schema.length),
        )
      },
      terminated: events.onLost,
    })
  try {
    return await patience.with(open())
  } catch (error) {
    if (failure !== undefined) throw failure.error
    if (error instanceof DOMException && error.name === 'VersionError') {
      throw newerSchema(undefined, schema.length)
    }
    throw storeError(error)
  }
}

async function upgrade(
  database: Database,
  transaction: IDBPTransaction<TextTables, StoreTable[], 'versionchange'>,
  steps: readonly SchemaStep[],
): Promise<void> {
  for (const { creates, rewrite } of steps) {
    for (const table of creates) database.createObjectStore(table)
    if (rewrite !== undefined) await runTransaction(new IndexedDbTransaction(transaction), rewrite)
  }
}

/** Waits for other tabs to let go, but not for ever: one that is frozen never does. */
class Patience {
  #timer: ReturnType<typeof setTimeout> | undefined
  #giveUp = (_error: StoreError): void => {}

  begin(): void {
    this.#timer = setTimeout(() => {
      this.#giveUp(
        new StoreError(
          'blocked',
          'another tab with an older version of the app keeps the store from being opened: close the other tabs',
        ),
      )
    }, LET_GO_MS)
  }

  async with(opening: Promise<Database>): Promise<Database> {
    const over = new Promise<never>((_, reject) => {
      this.#giveUp = reject
    })
    try {
      return await Promise.race([opening, over])
    } catch (error) {
      // Should it open after all, nobody wants it any more.
      opening.then((database) => database.close()).catch(() => {})
      throw error
    } finally {
      clearTimeout(this.#timer)
    }
  }
}
