import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { startServer, testDatabase } from '@fieldsync/testkit'
import { afterAll, expect, it } from 'vitest'

import { type ClientDevices, clientDevices } from '../testing/client-devices.ts'
import { runCommandLine } from '../testing/run-command-line.ts'

const NAMES = ['anna', 'ben'] as const
const tokenOf = (name: string): string => `pre-shared-token-of-${name}`
const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-drill-'))
afterAll(() => rmSync(folder, { recursive: true }))
const first = await testDatabase()
const second = await testDatabase({ empty: true })
const environment = {
  PEPPER: 'the pepper of the drill, long enough for one',
  CHECKPOINT_KEY: 'the checkpoint key of the drill, long enough',
  CHECKPOINT_DIR: path.join(folder, 'checkpoints'),
  CHECKPOINT_EVERY_MINUTES: '1',
  RATE_LIMIT_PER_MINUTE: 'off',
}
const DEVICE_TOKENS = NAMES.map((name) => `ws_ridge/dev_${name}=${tokenOf(name)}`).join(',')

/** The notes that a device has, by their text. */
async function notesOf(devices: ClientDevices, name: string): Promise<string[]> {
  const list = (await devices.json(name, 'list', '--limit', '500')) as { document: { rawNoteText: string } }[]
  return list.map(({ document }) => document.rawNoteText).toSorted()
}

it('[BAK-1] [BAK-7] [CUR-6] the drill: a backup while phones sync, a restore elsewhere, and every phone brings back what is missing', async () => {
  await using devices = await clientDevices()
  const written: string[] = []
  const note = async (name: string, text: string): Promise<void> => {
    written.push(text)
    await devices.json(name, 'note', text)
  }
  const syncAll = async (): Promise<void> => {
    for (const name of NAMES) await devices.json(name, 'sync')
  }
  const file = path.join(folder, 'drill.tar.zst')
  let port = ''
  {
    await using server = await startServer({ env: { ...environment, ...first.serverEnv, DEVICE_TOKENS } })
    port = new URL(server.url).port
    for (const name of NAMES)
      await devices.run(
        name,
        'enroll',
        '--url',
        server.url,
        '--token',
        tokenOf(name),
        '--device',
        `dev_${name}`,
      )
    for (const name of NAMES) await note(name, `Before the backup, by ${name}.`)
    await syncAll()
    await syncAll()
    // The phones go on while the backup is made.
    const backup = runCommandLine({ ...environment, ...first.serverEnv }, `backup ${file}`)
    for (let round = 0; round < 3; round++)
      for (const name of NAMES) {
        await note(name, `During the backup, round ${round}, by ${name}.`)
        await devices.json(name, 'sync')
      }
    expect(await backup).toMatchObject({ exitCode: 0 })
    for (const name of NAMES) {
      await note(name, `After the backup, by ${name}.`)
      await devices.json(name, 'sync')
    }
    await syncAll()
    expect(await runCommandLine({ ...environment, ...first.serverEnv }, 'audit checkpoint')).toMatchObject({
      exitCode: 0,
    })
    // One that no server has.
    await note('anna', 'Written while the server is lost.')
    await server.kill('SIGKILL')
  }
  const target = { ...environment, ...second.serverEnv }
  const restored = await runCommandLine(target, `restore ${file}`)
  expect(restored).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('ws_ridge: the audit is intact'),
  })
  expect(restored.out).toContain('audit acknowledge ws_ridge')
  await using server = await startServer({ env: { ...target, PORT: port } })
  expect(new URL(server.url).port).toBe(port)
  // A phone notices at its first sync, pulls from the beginning, resends, and gets what the others have resent at the next.
  for (let round = 0; round < 3; round++) await syncAll()
  const expected = written.toSorted()
  for (const name of NAMES) {
    expect(await notesOf(devices, name)).toEqual(expected)
    expect(await devices.json(name, 'status')).toMatchObject({ pending: 0, conflicts: 0 })
  }
  await runCommandLine(target, 'audit acknowledge ws_ridge --reason Drill')
  expect(await runCommandLine(target, 'audit verify')).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('intact'),
  })
}, 600_000)
