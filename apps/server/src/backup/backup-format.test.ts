import { execFileSync } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { zstdDecompressSync } from 'node:zlib'

import type { DatabaseDump, TablePart } from '@fieldsync/db'
import { expect, it } from 'vitest'

import { BackupManifest, backupStream, sha256 } from './backup-format.ts'

/** A dump of these parts, and how many of them were asked for. */
function dumpOf(parts: readonly TablePart[]): DatabaseDump & { readonly asked: () => number } {
  let asked = 0
  const tables = [...new Set(parts.map(({ table }) => table))].map((name) => ({ name, columns: ['a'] }))
  return {
    asked: () => asked,
    description: { migrations: ['20261130000000_initial'], tables, workspaces: [] },
    parts: async function* () {
      for (const part of parts) {
        asked++
        yield await Promise.resolve(part)
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

const partOf = (table: string, text: string): TablePart => ({ table, bytes: Buffer.from(text), rows: 1 })
const streamOf = (dump: DatabaseDump) =>
  backupStream(dump, { takenAt: new Date('2026-12-01T08:15:00Z'), version: '1.0.0', secrets: undefined })
    .content

it('[BAK-4] an ordinary tar opens it, and the manifest has the hash of every entry', async () => {
  const parts = [partOf('one', 'a\n'), partOf('one', 'b\n'), partOf('two', 'c\n')]
  const input = zstdDecompressSync(await buffer(streamOf(dumpOf(parts))))
  const entry = (name: string): Buffer => execFileSync('tar', ['-xOf', '-', name], { input })
  const names = execFileSync('tar', ['-tf', '-'], { input }).toString().trim().split('\n')
  expect(names).toEqual([
    'backup.json',
    'tables/one/000001.copy',
    'tables/one/000002.copy',
    'tables/two/000001.copy',
    'manifest.json',
  ])
  const { entries } = BackupManifest.parse(JSON.parse(entry('manifest.json').toString()))
  expect(entries.map(({ name, sha256: hash }) => [name, hash])).toEqual(
    names.slice(0, -1).map((name) => [name, sha256(entry(name))]),
  )
})

it('[BAK-4] parts are read from the database as the file takes them, and not ahead', async () => {
  // Hashes: nothing that compresses away.
  const text = Array.from({ length: 20_000 }, (_, n) => sha256(String(n))).join('')
  const dump = dumpOf(Array.from({ length: 100 }, () => partOf('one', `${text}\n`)))
  const content = streamOf(dump)
  const chunks = content[Symbol.asyncIterator]()
  await chunks.next()
  expect(dump.asked()).toBeLessThan(5)
  content.destroy()
})
