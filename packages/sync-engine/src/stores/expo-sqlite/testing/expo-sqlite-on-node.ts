import path from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'

import type { ExpoSqlite, ExpoSqliteDatabase, ExpoSqliteStatement } from '../expo-sqlite-api.ts'

/**
 * expo-sqlite's asynchronous API over Node's SQLite: the same SQL engine, answers in a later turn, errors with the
 * result code in the message, in the form that the given phone has.
 */
export function expoSqliteOnNode(folder: string, phone: 'ios' | 'android' = 'android'): ExpoSqlite {
  const shared = new Map<string, DatabaseSync>()
  const native = async <T>(call: () => T): Promise<T> => {
    await nextTurn()
    try {
      return call()
    } catch (error) {
      throw nativeError(error, phone)
    }
  }
  return {
    openDatabaseAsync: (databaseName, options = {}, directory = folder) =>
      native(() => {
        const file = path.join(directory, databaseName)
        // Without that option everybody gets the same connection.
        const database = options.useNewConnection === true ? undefined : shared.get(file)
        const opened = database ?? new DatabaseSync(file)
        if (options.useNewConnection !== true) shared.set(file, opened)
        return expoDatabase(opened, native)
      }),
  }
}

type Native = <T>(call: () => T) => Promise<T>

function expoDatabase(database: DatabaseSync, native: Native): ExpoSqliteDatabase {
  const stuck = new Map<StatementSync, Error>()
  return {
    prepareAsync: (source) =>
      native(() => expoStatement(database.prepare(source), source === 'COMMIT', stuck, native)),
    closeAsync: () => native(() => database.close()),
  }
}

/** @param stuck those whose last run failed: on the phone they are not reset then, and keep others from committing */
function expoStatement(
  statement: StatementSync,
  commits: boolean,
  stuck: Map<StatementSync, Error>,
  native: Native,
): ExpoSqliteStatement {
  let finalized = false
  const run = (params: SQLInputValue[]) => {
    try {
      return statement.all(...params)
    } catch (error) {
      if (error instanceof Error) stuck.set(statement, error)
      throw error
    }
  }
  return {
    executeAsync: (params: SQLInputValue[]) =>
      native(() => {
        if (finalized) throw new Error('Access to closed resource')
        stuck.delete(statement)
        const [failed] = stuck.values()
        if (commits && failed !== undefined) throw failed
        const rows = run(params)
        // Where the first step gave no row, getAllAsync asks the phone for no more.
        return { getAllAsync: () => (rows.length === 0 ? Promise.resolve([]) : native(() => rows)) }
      }),
    finalizeAsync: () =>
      native(() => {
        finalized = true
        const failure = stuck.get(statement)
        stuck.delete(statement)
        if (failure !== undefined) throw failure
      }),
  }
}

function nativeError(error: unknown, phone: 'ios' | 'android'): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error
  const code = error.errcode & 0xff
  const shown = phone === 'ios' ? String(code) : String.fromCodePoint(code)
  return new Error(
    `Call to function 'NativeStatement.runAsync' has been rejected.\n→ Caused by: Error code ${shown}: ${error.message}`,
  )
}
