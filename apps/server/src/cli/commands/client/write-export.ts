import { writeFile } from 'node:fs/promises'

import { ClientError } from '../../client-error.ts'
import { countedList } from '../../table.ts'

/**
 * Writes an export to a new file, readable by its owner only: it contains no secret, but the notes of a company.
 *
 * @throws ClientError where the file exists or cannot be written
 */
export async function writeExport(file: string, exported: object): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(exported, null, 2)}\n`, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    const message = exists ? `${file} already exists: choose another file.` : `${file} cannot be written.`
    throw new ClientError('VALIDATION_ERROR', message, { cause })
  }
}

/** What an export contains. */
export const exportedText = (counts: { writes: number; conflicts: number; localOnly: number }): string =>
  countedList([
    [counts.writes, 'unsent write'],
    [counts.conflicts, 'conflict'],
    [counts.localOnly, 'record only on this device', 'records only on this device'],
  ])
