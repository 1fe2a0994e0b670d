import { link, open, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/** How a file of the write-ahead log is called in the archive, after its own name. */
const END = '.zst'
const NOT_THERE = 1
/** Above 125: PostgreSQL gives up recovery, instead of taking it for the end of the archive. */
const DAMAGED = 126

/**
 * Puts one file of the write-ahead log into the archive, or gets it from there: the program that PostgreSQL calls for each
 * (`archive_command`, `restore_command`). A file is in the archive only when all of it is on the disk; one that is there
 * is never replaced by another.
 *
 *     node wal-file.ts store|fetch <folder of the archive> <name of the file> <path of the file>
 */
async function main([command, folder = '', name = '', file = '']: readonly string[]): Promise<number> {
  const archived = path.join(folder, name + END)
  if (command === 'store') {
    await store(await readFile(file), archived)
    return 0
  }
  const compressed = await readFile(archived).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (!compressed) return NOT_THERE
  try {
    await writeFile(file, zstdDecompressSync(compressed), { mode: 0o600 })
    return 0
  } catch (error) {
    process.stderr.write(`${archived} cannot be used: ${String(error)}\n`)
    return DAMAGED
  }
}

async function store(bytes: Buffer, archived: string): Promise<void> {
  const draft = `${archived}.${process.pid}.partial`
  try {
    await writeFile(draft, zstdCompressSync(bytes), { mode: 0o600, flush: true })
    await link(draft, archived)
    await using folder = await open(path.dirname(archived), 'r')
    await folder.sync()
  } catch (error) {
    // PostgreSQL may have been killed after a file was stored and before it knew.
    const isSame = codeOf(error) === 'EEXIST' && zstdDecompressSync(await readFile(archived)).equals(bytes)
    if (!isSame) throw error
  } finally {
    await rm(draft, { force: true })
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

process.exitCode = await main(process.argv.slice(2))
