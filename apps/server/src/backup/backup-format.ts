import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { pipeline, type Readable } from 'node:stream'
import { constants, createZstdCompress } from 'node:zlib'

import { CONTRACT_VERSION } from '@fieldsync/contracts'
import type { DatabaseDump } from '@fieldsync/db'
import { pack, type Pack } from 'tar-stream'
import { z } from 'zod'

import type { BackupSecrets } from '../secrets/secrets.ts'

/** A backup cannot be made, read or restored; the message is for the operator and shows no secret. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}

/** Of the format that this build writes, and the latest that it reads. */
export const FORMAT = 1

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.number().int().nonnegative()
const name = z.string().min(1).max(200)

/** The first entry of a backup: what it is of. Keys that a later build adds are ignored. */
export const BackupHead = z.object({
  format: z.number().int().positive(),
  /** Random. */
  id: z.uuid(),
  takenAt: z.iso.datetime(),
  /** Of the server that made it. */
  version: z.string(),
  contract: z.string(),
  /** Whether the secrets of the server are in it. */
  hasSecrets: z.boolean(),
  migrations: z.array(name).max(10_000),
  tables: z.array(z.object({ name, columns: z.array(name).max(1600) })).max(1000),
  workspaces: z.array(
    z.object({
      workspaceId: name,
      workspaceUid: name,
      position: count,
      auditSeq: count,
      auditHash: hash,
      stateHash: hash,
      beginning: z.object({ seq: count, hash }),
    }),
  ),
})
export type BackupHead = z.infer<typeof BackupHead>

/** The second entry, only of one that is encrypted. */
export const SecretsEntry = z.object({
  pepper: z.string().optional(),
  previousPepper: z.string().optional(),
  checkpointKey: z.string().optional(),
}) satisfies z.ZodType<BackupSecrets>

/** The last entry: whoever has it has everything, unchanged. */
export const BackupManifest = z.object({
  id: z.uuid(),
  entries: z.array(z.object({ name, sha256: hash, rows: count })),
})
export type BackupManifest = z.infer<typeof BackupManifest>

export const HEAD = 'backup.json'
export const SECRETS = 'secrets.json'
export const MANIFEST = 'manifest.json'
/** A part of a table's rows, in PostgreSQL's text format of COPY. */
export const partName = (table: string, number: number): string =>
  `tables/${table}/${String(number).padStart(6, '0')}.copy`

export const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')

/**
 * The content of a backup as a stream: a tar file compressed with zstd, which ordinary tools open (BAK-4). Its entries are
 * the head, the secrets if there are any, the rows of each table part by part, and a manifest with the hash of each of these.
 * Parts are read from the database as the stream is read; an error of either ends both.
 *
 * @param onPart learns of each part that was written
 */
export function backupStream(
  dump: DatabaseDump,
  {
    takenAt,
    version,
    secrets,
    onPart = () => undefined,
  }: {
    takenAt: Date
    version: string
    secrets: BackupSecrets | undefined
    onPart?: (part: { table: string; rows: number }) => void
  },
): { head: BackupHead; content: Readable } {
  const head: BackupHead = {
    format: FORMAT,
    id: randomUUID(),
    takenAt: takenAt.toISOString(),
    version,
    contract: CONTRACT_VERSION,
    hasSecrets: secrets !== undefined,
    migrations: [...dump.description.migrations],
    tables: dump.description.tables.map((table) => ({ name: table.name, columns: [...table.columns] })),
    workspaces: dump.description.workspaces.map((workspace) => ({ ...workspace })),
  }
  const tar = pack()
  const fill = async (): Promise<void> => {
    const entries: BackupManifest['entries'] = []
    const add = async (entry: string, bytes: Buffer, rows = 0): Promise<void> => {
      entries.push({ name: entry, sha256: sha256(bytes), rows })
      await addEntry(tar, entry, bytes, takenAt)
    }
    await add(HEAD, jsonOf(head))
    if (secrets) await add(SECRETS, jsonOf(secrets))
    const numbers = new Map<string, number>()
    for await (const part of dump.parts()) {
      const number = (numbers.get(part.table) ?? 0) + 1
      numbers.set(part.table, number)
      await add(partName(part.table, number), part.bytes, part.rows)
      onPart(part)
    }
    await addEntry(tar, MANIFEST, jsonOf({ id: head.id, entries } satisfies BackupManifest), takenAt)
    tar.finalize()
  }
  fill().catch((error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))))
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } })
  return { head, content: pipeline(tar, compress, () => undefined) }
}

const jsonOf = (value: object): Buffer => Buffer.from(`${JSON.stringify(value, null, 1)}\n`)

/** Resolves when the tar file has room for more. */
async function addEntry(tar: Pack, entry: string, bytes: Buffer, mtime: Date): Promise<void> {
  const header = { name: entry, size: bytes.length, mtime, mode: 0o600 }
  const sink = tar.entry(header)
  sink.end(bytes)
  await once(sink, 'finish')
}
