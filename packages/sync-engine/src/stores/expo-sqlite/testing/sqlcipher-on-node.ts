import { spawn } from 'node:child_process'
import path from 'node:path'

import type { ExpoSqlite, ExpoSqliteDatabase } from '../expo-sqlite-api.ts'

const [FIELD, ROW, END] = ['\u001f', '\u001e', '~end~']

/**
 * What encrypting uses of expo-sqlite's API, over SQLCipher's own command line: one process for each connection. Statements
 * have no parameters.
 */
export const sqlCipherOnNode = (folder: string): ExpoSqlite => ({
  openDatabaseAsync: (databaseName, _options, directory = folder) =>
    Promise.resolve(open(path.join(directory, databaseName))),
})

function open(file: string): ExpoSqliteDatabase {
  // Both streams as one: an error is read before the mark that follows it.
  const child = spawn('/bin/sh', ['-c', 'exec /usr/bin/sqlcipher -batch "$0" 2>&1', file])
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let read = ''
  let changed = (): void => undefined
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    read += text
    changed()
  })
  child.stdin.write(`.headers on\n.mode list\n.separator "${FIELD}" "${ROW}"\n`)
  const run = async (sql: string): Promise<unknown[]> => {
    read = ''
    child.stdin.write(`${sql};\n.print ${END}\n`)
    while (!read.includes(END)) await new Promise<void>((resolve) => (changed = resolve))
    const answer = read.slice(0, read.indexOf(END))
    if (answer.includes('Error: ')) throw new Error(answer)
    const [names, ...rows] = answer
      .split(ROW)
      .filter((row) => row !== '')
      .map((row) => row.split(FIELD))
    return rows.map((row) =>
      Object.fromEntries(row.map((value, i) => [names?.[i], /^\d+$/.test(value) ? Number(value) : value])),
    )
  }
  return {
    prepareAsync: (sql) =>
      Promise.resolve({
        executeAsync: async () => {
          const rows = await run(sql)
          return { getAllAsync: () => Promise.resolve(rows) }
        },
        finalizeAsync: () => Promise.resolve(),
      }),
    closeAsync: async () => {
      child.stdin.end()
      await ended
    },
  }
}
