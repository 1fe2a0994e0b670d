import {
  encryptedName,
  type StoreEncryption,
  storeFiles,
  unlock,
} from '@fieldsync/sync-engine/stores/expo-sqlite'
import * as Crypto from 'expo-crypto'
import { Directory, File } from 'expo-file-system'
import * as SecureStore from 'expo-secure-store'
import * as sqlite from 'expo-sqlite'

/** A build with SQLCipher says so to the app's code too; see app.config.ts. */
const IS_ENCRYPTED = process.env['EXPO_PUBLIC_ENCRYPTED_STORE'] === '1'

const KEY_BYTES = 32
/** Only on this phone, and not before it was unlocked once: a key in a backup would open a copied store. */
const THIS_PHONE = { keychainAccessible: SecureStore.AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY }

const folder = String(sqlite.defaultDatabaseDirectory)
const uriOf = (name: string): string => `${folder.startsWith('file://') ? '' : 'file://'}${folder}/${name}`
const fileOf = (name: string): File => new File(uriOf(name))

const keyNameOf = (name: string): string => `fieldsync-store-key-${name.replaceAll(/[^\w.-]/g, '_')}`

/** How the store of this name is kept on a phone (STO-17). */
export function phoneEncryption(name: string): StoreEncryption {
  const keyName = keyNameOf(name)
  return {
    key: IS_ENCRYPTED
      ? {
          find: () => SecureStore.getItemAsync(keyName, THIS_PHONE),
          create: async () => {
            const key = hexOf(await Crypto.getRandomBytesAsync(KEY_BYTES))
            await SecureStore.setItemAsync(keyName, key, THIS_PHONE)
            return key
          },
        }
      : null,
    files: {
      exists: (file) => Promise.resolve(fileOf(file).exists),
      move: async (file, newName) => {
        new Directory(uriOf('')).create({ intermediates: true, idempotent: true })
        await fileOf(file).move(fileOf(newName))
      },
      delete: (file) => {
        const found = fileOf(file)
        if (found.exists) found.delete()
        return Promise.resolve()
      },
      pathOf: (file) => uriOf(file).replace('file://', ''),
    },
  }
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Deletes the files of the store of this name, which is closed, and its key. */
export async function deletePhoneFiles(name: string): Promise<void> {
  const { files } = phoneEncryption(name)
  for (const file of storeFiles(`${name}.db`)) await files.delete(file)
  await SecureStore.deleteItemAsync(keyNameOf(name), THIS_PHONE)
}

/** The rows of the store of this name, by table, whatever version of the app wrote them. */
export async function rawPhoneStore(name: string): Promise<unknown> {
  const { key, files } = phoneEncryption(name)
  const plain = `${name}.db`
  const encrypted = encryptedName(plain)
  const rows = (await files.exists(plain)) ? await rowsOf(plain, null) : undefined
  if (!(await files.exists(encrypted))) return rows
  // Both only where an older build has written beside the encrypted one.
  return { ...rows, encrypted: await rowsOf(encrypted, (await key?.find()) ?? null) }
}

async function rowsOf(databaseName: string, key: string | null): Promise<Record<string, unknown>> {
  const database = await sqlite.openDatabaseAsync(databaseName, { useNewConnection: true })
  try {
    if (key !== null) await unlock(database, key)
    const tables = await database.getAllAsync<{ name: string }>(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
    )
    const rows: [string, unknown][] = []
    for (const table of tables) {
      const all = await database.getAllAsync(`select * from "${table.name.replaceAll('"', '""')}"`)
      rows.push([table.name, all])
    }
    return Object.fromEntries(rows)
  } finally {
    await database.closeAsync()
  }
}
