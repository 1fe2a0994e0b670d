import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'

import type { TablePart } from '@fieldsync/db'
import { extract } from 'tar-stream'
import type { z } from 'zod'

import type { BackupSecrets } from '../secrets/secrets.ts'
import {
  BackupError,
  BackupHead,
  BackupManifest,
  FORMAT,
  HEAD,
  MANIFEST,
  partName,
  SECRETS,
  SecretsEntry,
  sha256,
} from './backup-format.ts'
import { AGE_MAGIC, decrypted } from './encryption.ts'

/** A backup that is being read. */
export type OpenBackup = {
  readonly isEncrypted: boolean
  readonly head: BackupHead
  readonly secrets: BackupSecrets | undefined
  /**
   * The rows of all tables, in the order in which they can be loaded. Ends without an error only where every entry is as it was
   * written and none is missing.
   */
  parts(): AsyncGenerator<TablePart>
}

type Entry = { readonly name: string; readonly bytes: Buffer }

/** What one entry may have: more than a writer gives it, and no more than memory has. */
const MAX_ENTRY_BYTES = 256 * 1024 * 1024
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

/**
 * Opens a backup (BAK-4). It may come from anywhere: nothing in it is used before its hash is known, but for the head, which
 * determines where the rows go, and which the manifest confirms at the end.
 *
 * @throws BackupError for a file that is none, that no identity opens, or that is damaged
 */
export async function openBackup(source: Readable, identities: readonly string[]): Promise<OpenBackup> {
  const { stream, isEncrypted } = await plainOf(source, identities)
  const entries = entriesOf(stream)
  const read: BackupManifest['entries'] = []
  const take = async (): Promise<Entry> => {
    const next = await entries.next()
    if (next.done) throw new BackupError('the backup is cut short: its manifest is missing')
    return next.value
  }
  const first = await take()
  if (first.name !== HEAD)
    throw new BackupError(`this is no backup of Fieldsync: it begins with ${first.name}`)
  const head = parsed(BackupHead, first)
  if (head.format > FORMAT)
    throw new BackupError(
      `the backup has format ${head.format}, of a later build (${head.version}); use that one`,
    )
  note(first, 0)
  const second = head.hasSecrets ? await take() : undefined
  if (second && second.name !== SECRETS) throw new BackupError('the secrets of the backup are missing')
  if (second) note(second, 0)
  return {
    isEncrypted,
    head,
    secrets: second && parsed(SecretsEntry, second),
    parts: async function* () {
      const numbers = new Map<string, number>()
      for (;;) {
        const entry = await take()
        if (entry.name === MANIFEST) {
          confirm(parsed(BackupManifest, entry))
          // What follows would be in no hash.
          if (!(await entries.next()).done) throw new BackupError('the backup has entries after its manifest')
          return
        }
        const [, table = ''] = /^tables\/([^/]+)\//.exec(entry.name) ?? []
        const number = (numbers.get(table) ?? 0) + 1
        numbers.set(table, number)
        if (entry.name !== partName(table, number)) throw new BackupError(`${entry.name} is out of order`)
        const rows = rowsIn(entry.bytes)
        note(entry, rows)
        yield { table, bytes: entry.bytes, rows }
      }
    },
  }

  function note({ name, bytes }: Entry, rows: number): void {
    read.push({ name, sha256: sha256(bytes), rows })
  }
  function confirm(manifest: BackupManifest): void {
    const wrong = manifest.entries.findIndex(
      ({ name, sha256: expected, rows }, i) =>
        read[i]?.name !== name || read[i]?.sha256 !== expected || read[i]?.rows !== rows,
    )
    if (manifest.id !== head.id) throw new BackupError('the manifest is of another backup')
    if (wrong !== -1 || manifest.entries.length !== read.length)
      throw new BackupError(
        `the backup is damaged: ${read[wrong]?.name ?? 'an entry'} is not what was written`,
      )
  }
}

/** Opens a backup that lies in a file. @throws as {@link openBackup} */
export const openBackupFile = (file: string, identities: readonly string[]): Promise<OpenBackup> =>
  openBackup(createReadStream(file), identities)

/** The compressed stream, decrypted where it is encrypted. */
async function plainOf(
  source: Readable,
  identities: readonly string[],
): Promise<{ stream: Readable; isEncrypted: boolean }> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  let start = Buffer.alloc(0)
  try {
    while (start.length < AGE_MAGIC.length) {
      const next = await chunks.next()
      if (next.done === true) break
      start = Buffer.concat([start, next.value])
    }
  } catch (cause) {
    throw new BackupError(`the backup cannot be read: ${String(cause)}`, { cause })
  }
  const whole = Readable.from(
    (async function* () {
      if (start.length > 0) yield start
      yield* { [Symbol.asyncIterator]: () => chunks }
    })(),
    { objectMode: false },
  )
  whole.on('close', () => source.destroy())
  const isEncrypted = start.subarray(0, AGE_MAGIC.length).equals(AGE_MAGIC)
  if (isEncrypted) return { stream: await decrypted(whole, identities), isEncrypted }
  if (start.subarray(0, ZSTD_MAGIC.length).equals(ZSTD_MAGIC)) return { stream: whole, isEncrypted }
  throw new BackupError(
    'this is no backup of Fieldsync: it is neither encrypted with age nor compressed with zstd',
  )
}

async function* entriesOf(stream: Readable): AsyncGenerator<Entry> {
  const tar = extract()
  const whole = pipeline(stream, createZstdDecompress(), tar)
  // Awaited at the end: the tar file may be complete before what it is compressed in is.
  whole.catch(() => undefined)
  try {
    for await (const entry of tar) {
      const { name, size } = entry.header
      if (size > MAX_ENTRY_BYTES) throw new BackupError(`${name} is larger than any entry of a backup`)
      yield { name, bytes: await buffer(entry) }
    }
    await whole
  } catch (cause) {
    if (cause instanceof BackupError) throw cause
    throw new BackupError(
      `the backup is damaged: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  } finally {
    stream.destroy()
  }
}

function parsed<T>(schema: z.ZodType<T>, { name, bytes }: Entry): T {
  try {
    return schema.parse(JSON.parse(bytes.toString('utf8')))
  } catch (cause) {
    throw new BackupError(`${name} of the backup is not what a build of Fieldsync writes`, { cause })
  }
}

function rowsIn(bytes: Buffer): number {
  let rows = 0
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) rows++
  return rows
}
const NEWLINE = 10
