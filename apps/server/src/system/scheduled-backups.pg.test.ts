import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { testDatabase } from '@fieldsync/testkit'
import { afterAll, expect, it } from 'vitest'

import { runCommand } from '../testing/client-devices.ts'
import { runCommandLine } from '../testing/run-command-line.ts'
import { S3Server } from '../testing/s3-server.ts'
import { metricsAddress } from './testing/scraped-metrics.ts'
import { PEPPER, sharedSystem } from './testing/shared-system.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-scheduled-'))
const bucket = await S3Server.start()
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await bucket[Symbol.asyncDispose]()
})
const system = await sharedSystem(1)
const empty = await testDatabase({ empty: true })
const documented = await testDatabase({ empty: true })
await system.workspace('ws_ridge')

const agedBackup = (days: number): string => {
  const at = new Date(Date.now() - days * 86_400_000)
  return `fieldsync-${at.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.tar.zst`
}

it('[BAK-8, BAK-9, BAK-10] of several servers one makes the backup that is due, and removes the expired ones', async () => {
  const BACKUP_DIR = path.join(folder, 'backups')
  const env = { BACKUP_DIR, BACKUP_EVERY_HOURS: '24', BACKUP_KEEP: '2d', METRICS_PORT: '0' }
  const other = path.join(folder, 'first')
  expect((await runCommandLine({ ...system.database.serverEnv }, `backup --to ${other}`)).exitCode).toBe(0)
  const [made = ''] = readdirSync(other)
  rmSync(BACKUP_DIR, { recursive: true, force: true })
  await runCommandLine({ ...system.database.serverEnv, BACKUP_DIR }, 'backup')
  const [due = ''] = readdirSync(BACKUP_DIR)
  rmSync(path.join(BACKUP_DIR, due))
  const strangers = ['readme.txt', 'fieldsync-2026.tar.zst']
  for (const name of [agedBackup(1.5), agedBackup(2.5), agedBackup(3.5), ...strangers, `${made}.1.partial`])
    writeFileSync(path.join(BACKUP_DIR, name), '')
  const servers = await Promise.all(Array.from({ length: 3 }, () => system.start(env)))
  await using stack = new AsyncDisposableStack()
  for (const server of servers) stack.use(server)
  // Each looks at the place at its start; the one that has made the backup says so.
  const logs = () => servers.map((server) => server.logs()).join('\n')
  await expect.poll(() => logs().match(/"made a backup"/g)?.length ?? 0, { timeout: 30_000 }).toBe(1)
  await expect.poll(() => logs().match(/removed a backup/g)?.length ?? 0).toBe(2)
  const left = readdirSync(BACKUP_DIR)
  expect(left).toEqual(expect.arrayContaining(strangers))
  expect(left).toHaveLength(strangers.length + 2)
  const [server] = servers
  if (!server) throw new Error('three servers')
  const address = await metricsAddress(server)
  const at = async () =>
    Number(/^fieldsync_backup_last_success_timestamp_seconds (\S+)$/m.exec(await textOf(address))?.[1])
  await expect.poll(at).toBeGreaterThan(Date.now() / 1000 - 7200)
  expect(await textOf(address)).toContain('\nfieldsync_backup_interval_seconds 86400\n')
  const doctor = await runCommandLine(
    { ...system.database.serverEnv, PEPPER, ...env, DATA_DIR: folder },
    'doctor',
  )
  expect(doctor.out).toContain(`ok       backups in ${BACKUP_DIR}: the newest is 0.0 hours old`)
})

const textOf = async (address: string): Promise<string> => await (await fetch(address)).text()

it('[BAK-3, BAK-8] to a bucket, encrypted; listed, verified and restored from there', async () => {
  const identity = path.join(folder, 'backup.key')
  const { out: recipient } = await runCommandLine({}, `backup keygen ${identity}`)
  const place = {
    BACKUP_S3_URL: `${bucket.url}/nightly`,
    BACKUP_S3_REGION: bucket.region,
    BACKUP_S3_KEY_ID: bucket.keyId,
    BACKUP_S3_SECRET: bucket.secret,
  }
  const env = { ...place, BACKUP_RECIPIENT: recipient }
  await using server = await system.start(env)
  const { name } = await server.logged('made a backup')
  expect([...bucket.objects.keys()]).toEqual([`nightly/${String(name)}`])
  expect(server.logs()).not.toContain(bucket.secret)
  const listed = await runCommandLine(place, 'backup list')
  expect(listed.out).toContain(`stored:${String(name)}`)
  const stored = `stored:${String(name)} --identity ${identity}`
  expect(await runCommandLine(place, `backup verify ${stored}`)).toMatchObject({ exitCode: 0 })
  const target = { ...place, ...empty.serverEnv, DATA_DIR: path.join(folder, 'restored') }
  expect(await runCommandLine(target, `restore ${stored}`)).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('ws_ridge: the audit is intact'),
  })
})

it('[BAK-1] every command of docs/operations/back-up-and-restore.md works as it is written', async () => {
  const page = readFileSync(
    path.resolve(import.meta.dirname, '../../../../docs/operations/back-up-and-restore.md'),
    'utf8',
  )
  const [, section = ''] = /^# Back up and restore\n(.*?)^## After a restore/ms.exec(page) ?? []
  const lines = [...section.matchAll(/^npm run -s fieldsync -- (.+?)(?: +#.*)?$/gm)].map(
    ([, line = '']) => line,
  )
  // Those with an instant are for the embedded database, and tried where that is.
  const [instants, others] = [
    lines.filter((each) => each.includes('--to')),
    lines.filter((each) => !each.includes('--to')),
  ]
  expect([instants.length, others.length]).toEqual([2, 7])
  const source = {
    ...system.database.serverEnv,
    PEPPER,
    DATA_DIR: path.join(folder, 'documented'),
    BACKUP_DIR: path.join(folder, 'documented-backups'),
  }
  const target = { ...source, ...documented.serverEnv }
  let recipient = ''
  for (const line of others) {
    const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = '']) => quoted ?? plain)
    const given = args.map((arg) =>
      arg === 'age1…' ? recipient : /\.(key|age)$/.test(arg) ? path.join(folder, `documented-${arg}`) : arg,
    )
    const ran = await runCommand(given, /^(restore|audit) /.test(line) ? target : source)
    expect({ line, code: ran.code, stderr: ran.stderr.replace(UNENCRYPTED, '') }).toEqual({
      line,
      code: 0,
      stderr: '',
    })
    if (line.startsWith('backup keygen')) recipient = ran.stdout.trim()
  }
})
/** Of the one that goes to the place of the server, which has no recipient here. */
const UNENCRYPTED = /^fieldsync: the backup is not encrypted.*\n/m

it('[BAK-10] a place that fails is a warning at the server, and a problem to the doctor', async () => {
  const file = path.join(folder, 'a-file')
  writeFileSync(file, '')
  await using server = await system.start({ BACKUP_DIR: file })
  expect(await server.logged('could not make a backup; trying again later')).toMatchObject({ place: file })
  const environment = { ...system.database.serverEnv, PEPPER, DATA_DIR: folder }
  expect(await runCommandLine({ ...environment, BACKUP_DIR: file }, 'doctor')).toMatchObject({ exitCode: 1 })
  const BACKUP_DIR = path.join(folder, 'old')
  await runCommandLine({ ...environment, BACKUP_DIR }, 'backup')
  for (const name of readdirSync(BACKUP_DIR)) rmSync(path.join(BACKUP_DIR, name))
  writeFileSync(path.join(BACKUP_DIR, agedBackup(3)), '')
  const late = await runCommandLine({ ...environment, BACKUP_DIR }, 'doctor')
  expect(late).toMatchObject({
    exitCode: 1,
    out: expect.stringMatching(/PROBLEM.*the newest is 7[12]\.\d hours old/),
  })
  expect((await runCommandLine(environment, 'backup list')).err).toContain('set BACKUP_DIR or BACKUP_S3_URL')
})
