import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import pg from 'pg'
import { afterAll, expect, it } from 'vitest'

import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/start.ts'
import { stopOrphan } from '../embedded/stop-orphan.ts'
import { archivedBases, archivedWal, expireArchive } from './archive-content.ts'
import { takeBase } from './base-backup.ts'
import { recoverToInstant } from './restore-to-instant.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-archive-'))
const dataDir = path.join(folder, 'data', 'postgres')
// A name that the shell and PostgreSQL would each take for something else.
const archive = path.join(folder, `archive of Anna's %f`)
afterAll(async () => {
  for (const dir of [dataDir, `${dataDir}.restoring`]) if (existsSync(dir)) await stopOrphan(dir)
  rmSync(folder, { recursive: true })
})
const start = () => startEmbeddedPostgres({ dataDir, archive })

async function query<Row extends object>(postgres: EmbeddedPostgres, text: string): Promise<Row[]> {
  const client = new pg.Client(postgres.superuserUrl)
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}
const notes = async (postgres: EmbeddedPostgres) =>
  (await query<{ note: string }>(postgres, 'SELECT note FROM notes ORDER BY note')).map(({ note }) => note)
/** An instant between the writes before and after it, by the clock of the database. */
const instantOf = async (postgres: EmbeddedPostgres): Promise<Date> =>
  (await query<{ now: Date }>(postgres, 'SELECT pg_sleep(0.01), clock_timestamp() AS now'))[0]?.now ??
  new Date(0)

it('[BAK-11, BAK-13] goes back to an instant: exactly what was committed before it is there, and the rest is kept aside', async () => {
  let instant: Date
  {
    await using postgres = await start()
    await query(postgres, 'CREATE TABLE notes (note text)')
    await query(postgres, `INSERT INTO notes VALUES ('before the base')`)
    await takeBase({ superuserUrl: postgres.superuserUrl, dataDir, folder: archive, now: () => new Date() })
    await query(postgres, `INSERT INTO notes SELECT 'early' FROM generate_series(1, 3)`)
    instant = await instantOf(postgres)
    await query(postgres, `SELECT pg_sleep(0.01); INSERT INTO notes VALUES ('late')`)
  }
  const early = ['before the base', 'early', 'early', 'early']
  const recovered = await recoverToInstant({ dataDir, archive, instant })
  expect(recovered.isWhole).toBe(false)
  expect(await notes(recovered.postgres)).toEqual(early)
  const aside = await recovered.replacePresent(new Date('2026-12-01T08:00:00Z'))
  expect(aside).toBe(`${dataDir}.before-20261201T080000000Z`)
  {
    await using postgres = await start()
    expect(await notes(postgres)).toEqual(early)
    await query(postgres, `INSERT INTO notes VALUES ('after')`)
  }
  // The later branch is the one that an archive leads to from now on.
  const end = await recoverToInstant({ dataDir, archive, instant: undefined })
  expect(await notes(end.postgres)).toEqual(['after', ...early])
  await end.postgres.stop()
  const later = await recoverToInstant({ dataDir, archive, instant: new Date(Date.now() + 3_600_000) })
  expect(later.isWhole).toBe(true)
  expect(await notes(later.postgres)).toEqual(['after', ...early])
  await later.postgres.stop()

  await expect(recoverToInstant({ dataDir, archive, instant: new Date('2020-01-01') })).rejects.toThrow(
    /reaches back to \d{4}-.*, and not to 2020-01-01/,
  )
  // Interrupted between its two renames, it left no cluster: none is made in its place, and it can be repeated.
  await rename(dataDir, `${dataDir}.before-99`)
  await expect(start()).rejects.toThrow('was interrupted; run it again')
  const again = await recoverToInstant({ dataDir, archive, instant: undefined })
  expect(await notes(again.postgres)).toEqual(['after', ...early])
  expect(await again.replacePresent(new Date())).toBeUndefined()
  await using postgres = await start()
  expect(await notes(postgres)).toEqual(['after', ...early])
}, 600_000)

it('[BAK-11] an archive of another database is refused', async () => {
  const other = path.join(folder, 'other', 'postgres')
  await expect(startEmbeddedPostgres({ dataDir: other, archive })).rejects.toThrow(
    'has the archive of another database',
  )
})

it('[BAK-12] keeps what any instant of the last days needs, and no more', async () => {
  const place = mkdtempSync(path.join(folder, 'expire-'))
  const wal = (n: number, timeline = 1) =>
    `${String(timeline).padStart(8, '0')}00000000${n.toString(16).toUpperCase().padStart(8, '0')}`
  const base = (day: number, first: string) =>
    `base-202612${String(day).padStart(2, '0')}T000000000Z-${first}.tar.zst`
  const bases = [base(1, wal(2)), base(5, wal(20)), base(9, wal(40, 2))]
  const names = [...bases, '00000002.history.zst', `${wal(3)}.partial.zst`, `${wal(20)}.00000028.backup.zst`]
  for (const name of [
    ...names,
    ...Array.from({ length: 50 }, (_, n) => `${wal(n)}.zst`),
    'system-identifier',
  ])
    writeFileSync(path.join(place, name), '')
  expect(await expireArchive(place, 7, new Date('2026-12-07T00:00:00Z'))).toBe(0)
  await expireArchive(place, 7, new Date('2026-12-12T00:00:00Z'))
  expect((await archivedBases(place)).map(({ file }) => path.basename(file))).toEqual([bases[2], bases[1]])
  expect((await archivedWal(place)).toSorted()[0]).toBe(wal(20))
  expect(readdirSync(place)).toEqual(expect.arrayContaining(['00000002.history.zst', 'system-identifier']))
})

it('[BAK-11] a file of the log is stored once and whole; a damaged one ends recovery, a missing one does not', () => {
  const place = mkdtempSync(path.join(folder, 'wal-'))
  const program = path.join(import.meta.dirname, 'wal-file.ts')
  const run = (command: string, file: string) =>
    spawnSync(process.execPath, [program, command, place, 'A', path.join(place, file)]).status
  writeFileSync(path.join(place, 'one'), 'a segment')
  writeFileSync(path.join(place, 'other'), 'another segment')
  expect(run('fetch', 'copy')).toBe(1)
  expect([run('store', 'one'), run('store', 'one')]).toEqual([0, 0])
  expect(run('store', 'other')).toBe(1)
  expect(run('fetch', 'copy')).toBe(0)
  expect(readFileSync(path.join(place, 'copy'), 'utf8')).toBe('a segment')
  expect(readdirSync(place).toSorted()).toEqual(['A.zst', 'copy', 'one', 'other'])
  writeFileSync(path.join(place, 'A.zst'), 'damaged')
  expect(run('fetch', 'copy')).toBe(126)
})
