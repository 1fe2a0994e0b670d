import { StoreError } from '../../core/local-store.ts'
import type { SqlRow } from '../sql/sql-connection.ts'
import type { ExpoSqlite, ExpoSqliteDatabase } from './expo-sqlite-api.ts'

/** The key of an encrypted store, where the system keeps secrets: 32 bytes in lower-case hexadecimal digits. */
export type StoreKey = {
  /** Null where there is none. */
  readonly find: () => Promise<string | null>
  /** Creates one, and resolves once it is stored. */
  readonly create: () => Promise<string>
}

/** The files beside each other in the folder of the databases, by their names. */
export type StoreFiles = {
  readonly exists: (name: string) => Promise<boolean>
  /** At once or not at all. */
  readonly move: (name: string, newName: string) => Promise<void>
  /** Deletes a file that may not be there. */
  readonly delete: (name: string) => Promise<void>
  /** Absolute, as SQLite takes it. */
  readonly pathOf: (name: string) => string
}

export type StoreEncryption = {
  /** Null for a build without SQLCipher: it refuses a store that another build has encrypted. */
  readonly key: StoreKey | null
  readonly files: StoreFiles
}

/** Where a store lies, and the key to open it with; null for one that is not encrypted. */
export type StoreLocation = { readonly databaseName: string; readonly key: string | null }

type Wanted = {
  readonly sqlite: ExpoSqlite
  readonly databaseName: string
  readonly directory: string | undefined
  readonly encryption: StoreEncryption
}

const BESIDE = ['-wal', '-shm', '-journal']

/** The file of a store once it is encrypted. */
export const encryptedName = (databaseName: string): string => `${databaseName}.encrypted`
const exportedName = (databaseName: string): string => `${databaseName}.exported`

/** Every file that a store may have, by the name of its database: the one that decides what it is comes last. */
export const storeFiles = (databaseName: string): string[] =>
  [`${databaseName}-lock`, exportedName(databaseName), databaseName, encryptedName(databaseName)].flatMap(
    (name) => [...BESIDE.map((end) => `${name}${end}`), name],
  )

// By database. Several may open a store at the same time; one of them encrypts it.
const underWay = new Map<string, Promise<StoreLocation>>()

/**
 * Finds a store, and encrypts one that is not (STO-17): its content is exported into a second file, which is verified; then the
 * first file is deleted, and the second one takes its final name. Whenever the process dies, one of the two is whole, and
 * the next call goes on from there. A missing key leaves every file as it is.
 *
 * @throws {StoreError} `locked` without the key; `unavailable` where SQLite is not SQLCipher; `damaged` for a store of an
 *   older build beside the encrypted one
 */
export function encryptedStore(wanted: Wanted): Promise<StoreLocation> {
  const file = wanted.encryption.files.pathOf(wanted.databaseName)
  const found = underWay.get(file) ?? findStore(wanted).finally(() => underWay.delete(file))
  underWay.set(file, found)
  return found
}

async function findStore(wanted: Wanted): Promise<StoreLocation> {
  const { sqlite, databaseName, directory, encryption } = wanted
  const { key: keys, files } = encryption
  const [encrypted, exported] = [encryptedName(databaseName), exportedName(databaseName)]
  const isEncrypted = await files.exists(encrypted)
  const isExported = !isEncrypted && (await files.exists(exported))
  const isPlain = await files.exists(databaseName)
  if (keys === null) {
    if (isEncrypted || (isExported && !isPlain)) throw locked('and this build of the app cannot decrypt it')
    return { databaseName, key: null }
  }
  const found = await keys.find()
  if (found === null && (isEncrypted || (isExported && !isPlain))) throw locked('and its key is missing')
  if (isEncrypted && isPlain)
    throw new StoreError(
      'damaged',
      'an older version of the app has written a store beside the encrypted one',
    )
  const key = found ?? (await keys.create())
  if (isPlain) {
    await deleteDatabase(files, exported)
    await exportInto(await sqlite.openDatabaseAsync(databaseName, { useNewConnection: true }, directory), {
      path: files.pathOf(exported),
      key,
    })
  }
  if (isPlain || isExported) {
    // Only now, and in this order: without the first file, the second one is known to be whole.
    await deleteDatabase(files, databaseName)
    await files.move(exported, encrypted)
  }
  return { databaseName: encrypted, key }
}

const locked = (why: string): StoreError =>
  new StoreError('locked', `the store is encrypted, ${why}; it is kept`)

async function deleteDatabase(files: StoreFiles, name: string): Promise<void> {
  await files.delete(name)
  for (const end of BESIDE) await files.delete(`${name}${end}`)
}

/** Copies a database into a new, encrypted one, compares the two, and closes it. */
async function exportInto(
  database: ExpoSqliteDatabase,
  { path, key }: { readonly path: string; readonly key: string },
): Promise<void> {
  const all = (sql: string): Promise<readonly SqlRow[]> => allOf(database, sql)
  try {
    await requireCipher(database)
    await all(`ATTACH DATABASE '${path.replaceAll("'", "''")}' AS encrypted KEY ${keyText(key)}`)
    await all("SELECT sqlcipher_export('encrypted')")
    for (const name of ['user_version', 'application_id']) {
      const [row] = await all(`PRAGMA main.${name}`)
      await all(`PRAGMA encrypted.${name} = ${Number(row?.[name])}`)
    }
    await compare(all)
    await all('DETACH DATABASE encrypted')
  } finally {
    await database.closeAsync()
  }
}

/** @throws {StoreError} `damaged` where the copy lacks a row, or does not read */
async function compare(all: (sql: string) => Promise<readonly SqlRow[]>): Promise<void> {
  const [integrity] = await all('PRAGMA encrypted.integrity_check')
  const isWhole = Object.values(integrity ?? {})[0] === 'ok'
  const tables = await all(
    "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  )
  const missing: unknown[] = []
  for (const { name } of tables) {
    const table = `"${String(name).replaceAll('"', '""')}"`
    const [row] = await all(
      `SELECT (SELECT count(*) FROM main.${table}) = (SELECT count(*) FROM encrypted.${table}) AS same`,
    )
    if (row?.['same'] !== 1) missing.push(name)
  }
  if (!isWhole || missing.length > 0)
    throw new StoreError('damaged', `the encrypted copy is not whole: ${missing.join(', ')}`)
}

/**
 * Opens an encrypted database: nothing is read before its key is set.
 * @throws {StoreError} `locked` for another key; `unavailable` where SQLite is not SQLCipher
 */
export async function unlock(database: ExpoSqliteDatabase, key: string): Promise<void> {
  await allOf(database, `PRAGMA key = ${keyText(key)}`)
  await requireCipher(database)
  try {
    await allOf(database, 'SELECT count(*) FROM sqlite_master')
  } catch (error) {
    throw new StoreError('locked', 'the store is encrypted, and its key does not fit; it is kept', {
      cause: error,
    })
  }
}

/** A raw key, which SQLCipher uses without deriving another from it. */
function keyText(key: string): string {
  if (!/^[0-9a-f]{64}$/.test(key))
    throw new StoreError('locked', 'the key of the store is not one; it is kept')
  return `"x'${key}'"`
}

/** SQLite itself ignores a key without a word. */
async function requireCipher(database: ExpoSqliteDatabase): Promise<void> {
  const [version] = await allOf(database, 'PRAGMA cipher_version')
  if (version === undefined) throw new StoreError('unavailable', 'this build of the app has no SQLCipher')
}

async function allOf(database: ExpoSqliteDatabase, sql: string): Promise<readonly SqlRow[]> {
  const statement = await database.prepareAsync(sql)
  try {
    return (await (await statement.executeAsync([])).getAllAsync()) as SqlRow[] // rows are objects by column name
  } finally {
    await statement.finalizeAsync()
  }
}
