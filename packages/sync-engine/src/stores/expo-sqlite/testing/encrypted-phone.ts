import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'

import { onTestFinished } from 'vitest'

import { anyValue } from '../../testing/store-values.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { encryptedStore, type StoreFiles, type StoreKey, unlock } from '../encryption.ts'
import { openExpoSqliteStore } from '../expo-sqlite-store.ts'
import { expoSqliteOnNode } from './expo-sqlite-on-node.ts'
import { sqlCipherOnNode } from './sqlcipher-on-node.ts'

export const NAME = 'fieldsync.db'
export const NOTE = 'Mildew in block 7'

/** A phone with one store, whose process may die before a step. */
export function encryptedPhone() {
  const temporary = temporaryFolder()
  onTestFinished(() => temporary[Symbol.dispose]())
  const folder = temporary.path
  const at = (name: string): string => path.join(folder, name)
  let stored: string | null = null
  let steps = 0
  let dying = Number.POSITIVE_INFINITY
  let spoiling: string | null = null
  const step = async <T>(work: () => T | Promise<T>): Promise<T> => {
    steps += 1
    if (steps >= dying) throw new Error('killed')
    return await work()
  }
  const key: StoreKey = {
    find: () => step(() => stored),
    create: () => step(() => (stored = randomBytes(32).toString('hex'))),
  }
  const files: StoreFiles = {
    exists: (name) => step(() => existsSync(at(name))),
    move: (name, newName) => step(() => renameSync(at(name), at(newName))),
    delete: (name) => step(() => rmSync(at(name), { force: true })),
    pathOf: at,
  }
  const plain = expoSqliteOnNode(folder)
  const cipher = sqlCipherOnNode(folder)
  const counted: typeof cipher = {
    openDatabaseAsync: async (...args) => {
      const database = await step(() => cipher.openDatabaseAsync(...args))
      return {
        ...database,
        prepareAsync: async (sql) => {
          const statement = await step(() => database.prepareAsync(sql))
          if (spoiling === null || !sql.includes('sqlcipher_export')) return statement
          const spoiled = await database.prepareAsync(spoiling)
          return {
            ...statement,
            executeAsync: async (parameters) => {
              const result = await statement.executeAsync(parameters)
              await spoiled.executeAsync([])
              return result
            },
          }
        },
      }
    },
  }
  return {
    folder,
    at,
    key,
    files,
    plain,
    get steps() {
      return steps
    },
    dieAt: (count: number) => {
      steps = 0
      dying = count
    },
    /** A statement that runs after each export, as an export that went wrong; null for none. */
    spoil: (sql: string | null) => void (spoiling = sql),
    loseKey: () => void (stored = null),
    otherKey: () => void (stored = 'ab'.repeat(32)),
    names: () =>
      readdirSync(folder)
        .filter((name) => !name.includes('-'))
        .toSorted(),
    /** Writes a note as a build without encryption does. */
    writePlain: async () => {
      const store = await openExpoSqliteStore({ sqlite: plain, databaseName: NAME })
      await store.write((transaction) =>
        transaction.put('records', 'observation/one', anyValue('records', { note: NOTE })),
      )
      await store.close()
    },
    find: () =>
      encryptedStore({
        sqlite: counted,
        databaseName: NAME,
        directory: undefined,
        encryption: { key, files },
      }),
    /** The rows of the encrypted store. */
    read: async (location: { databaseName: string; key: string | null }) => {
      const database = await cipher.openDatabaseAsync(location.databaseName)
      try {
        await unlock(database, location.key ?? '')
        const all = async (sql: string) =>
          await (await (await database.prepareAsync(sql)).executeAsync([])).getAllAsync()
        return { rows: await all('SELECT * FROM records'), version: await all('PRAGMA user_version') }
      } finally {
        await database.closeAsync()
      }
    },
  }
}
