import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { CheckpointFolder, readNotes } from './checkpoint-folder.ts'

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'fieldsync-checkpoints-'))
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}
const ORIGIN = 'fieldsync/audit/ws_ridge/wsu_1'

it('[AUD-12] keeps the checkpoints of each chain, the newest first, whole and once', async () => {
  const place = folder()
  const store = new CheckpointFolder(path.join(place, 'new'))
  expect(await store.list(ORIGIN)).toEqual([])
  await Promise.all(['one', 'other'].map((note) => store.add(ORIGIN, '002-b', note)))
  await store.add(ORIGIN, '001-a', 'first')
  await store.add('fieldsync/audit/ws_lake/wsu_2', '009-c', 'elsewhere')
  expect(await store.list(ORIGIN)).toEqual(['002-b', '001-a'])
  const before = await store.read(ORIGIN, '002-b')
  expect(['one', 'other']).toContain(before)
  await store.add(ORIGIN, '002-b', 'later')
  expect(await store.read(ORIGIN, '002-b')).toBe(before)
  const files = readdirSync(place, { recursive: true, encoding: 'utf8' })
  expect(files.filter((file) => file.includes('.')).toSorted()).toEqual([
    'new/ws_lake/wsu_2/009-c.note',
    'new/ws_ridge/wsu_1/001-a.note',
    'new/ws_ridge/wsu_1/002-b.note',
  ])
})

it('[AUD-13] notes are read from a file, or from a folder and all in it', async () => {
  const place = folder()
  const store = new CheckpointFolder(path.join(place, 'copy'))
  await store.add(ORIGIN, '001-a', 'first')
  writeFileSync(path.join(place, 'sent-by-mail.txt'), 'second')
  expect((await readNotes(place)).toSorted()).toEqual(['first', 'second'])
  expect(await readNotes(path.join(place, 'sent-by-mail.txt'))).toEqual(['second'])
  await expect(readNotes(path.join(place, 'none'))).rejects.toThrow('ENOENT')
})
