import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { DeviceId } from '@fieldsync/contracts'
import { runProgram, startServer, testDatabase } from '@fieldsync/testkit'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'

import { type ClientDevices, clientDevices } from '../testing/client-devices.ts'
import { stallingProxy } from '../testing/stalling-proxy.ts'

const NEIGHBOR = 'pre-shared-token-of-the-neighbor'
/** A workspace for each test that looks at all records, or at all devices. */
const WORKSPACES = {
  ws_ridge: ['anna', 'ben', 'cleo', 'dora'],
  ws_slope: ['anna', 'ben'],
  ws_levee: ['anna', 'ben'],
  ws_hill: ['elena', 'office#admin'],
} as const
type Workspace = keyof typeof WORKSPACES
const tokenOf = (name: string, workspace: Workspace = 'ws_ridge') =>
  `pre-shared-token-of-${workspace}-${name.replace('#admin', '')}`

const server = await startServer({
  env: {
    ...(await testDatabase()).serverEnv,
    PEPPER: 'the pepper of the headless devices’ tests',
    DEVICE_TOKENS: [
      ...Object.entries(WORKSPACES).flatMap(([workspace, names]) =>
        names.map((name) => `${workspace}/dev_${name}=${tokenOf(name, workspace as Workspace)}`),
      ),
      `ws_valley/dev_anna=${NEIGHBOR}`,
    ].join(','),
  },
})
const { url } = server
afterAll(() => server[Symbol.asyncDispose]())

const enroll = (devices: ClientDevices, name: string, address: string, workspace?: Workspace) =>
  devices.run(name, 'enroll', '--url', address, '--token', tokenOf(name, workspace))

it('[RUN-11][OPS-36] a device that was readmitted is enrolled again where it is, with its unsent notes', async () => {
  await using devices = await clientDevices()
  await enroll(devices, 'elena', url, 'ws_hill')
  await devices.json('elena', 'note', 'White powder in block 7.')
  const admin = createFieldsyncClient({ url, credentials: deviceToken(tokenOf('office', 'ws_hill')) }).api
    .devices
  const deviceId = DeviceId.parse('dev_elena')
  await admin.revoke.mutate({ deviceId })
  expect(await devices.run('elena', 'sync')).toMatchObject({ code: 1 })
  expect(await devices.json('elena', 'status')).toMatchObject({ pending: 1 })
  const { token } = await admin.readmit.mutate({ deviceId })

  const again = await devices.run('elena', 'enroll', '--url', url, '--token', token ?? '')
  expect(again).toMatchObject({ code: 0, stderr: '' })
  expect(again.stdout).toContain('again, with its new token')
  expect(await devices.json('elena', 'status')).toMatchObject({ pending: 0 })
  const profile = await stat(path.join(devices.dataDir, 'field', 'elena', 'device.json'))
  expect(profile.mode & 0o777).toBe(0o600)
  // The same token once more, and another device, are not what enrolling again is for.
  for (const [more, given] of [
    [[], token ?? ''],
    [['--device', 'dev_anna'], tokenOf('anna')],
  ] as const) {
    expect(await devices.run('elena', 'enroll', '--url', url, '--token', given, ...more)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already enrolled') as string,
    })
  }
})

it('[RUN-11][ENG-77][ENR-2][ACC-4] a device with a key replaces it, is revoked with unsent notes, enrolled again, and sends each once', async () => {
  await using devices = await clientDevices()
  const admin = createFieldsyncClient({ url, credentials: deviceToken(tokenOf('office', 'ws_hill')) }).api
  const deviceId = DeviceId.parse('dev_keyed')
  const linkFor = async () =>
    (await admin.devices.openEnrollment.mutate({ deviceId, role: 'scout' })).link ?? ''
  const first = await linkFor()
  const enrolled = await devices.run('keyed', 'enroll', '--link', first)
  expect(enrolled).toMatchObject({ code: 0, stderr: '' })
  await devices.json('keyed', 'note', 'White powder in block 7.')
  expect(await devices.run('keyed', 'sync')).toMatchObject({ code: 0 })
  const known = async () =>
    (await admin.devices.list.query()).items.find((each) => each.deviceId === deviceId)
  const record = await known()
  expect(await devices.run('keyed', 'rotate-key')).toMatchObject({ code: 0, stderr: '' })
  expect((await known())?.key?.fingerprint).not.toBe(record?.key?.fingerprint)
  expect(record).toMatchObject({
    preShared: false,
    key: { fingerprint: expect.stringMatching(/^[\w-]{43}$/) },
  })

  await admin.devices.revoke.mutate({ deviceId })
  await devices.json('keyed', 'note', 'Brown spots in block 8.')
  expect(await devices.run('keyed', 'sync')).toMatchObject({ code: 1 })
  // A used code, and that of another device, are refused, and change nothing here.
  expect(await devices.run('keyed', 'enroll', '--link', first)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('did not accept the code') as string,
  })
  expect(await devices.json('keyed', 'status')).toMatchObject({ pending: 1 })
  const again = await devices.run('keyed', 'enroll', '--link', await linkFor())
  expect(again).toMatchObject({ code: 0, stderr: '' })
  expect(again.stdout).toContain('again, with its new key')
  expect(await devices.json('keyed', 'status')).toMatchObject({ pending: 0 })
  const notes = (await admin.observations.list.query({ deviceId })).items
  expect(notes.map(({ rawNoteText }) => rawNoteText).toSorted()).toEqual([
    'Brown spots in block 8.',
    'White powder in block 7.',
  ])
  const [file] = await readdir(path.join(devices.dataDir, 'field', 'keyed', 'keys'))
  const key = await stat(path.join(devices.dataDir, 'field', 'keyed', 'keys', file ?? ''))
  expect(key.mode & 0o777).toBe(0o600)
})

describe('a device that is wiped', () => {
  const SECRET = 'Mildew at the north gate.'
  const admin = createFieldsyncClient({ url, credentials: deviceToken(tokenOf('office', 'ws_hill')) }).api
  const wipeOf = async (deviceId: string) =>
    (await admin.devices.list.query()).items.find((each) => each.deviceId === deviceId)?.wipe
  const filesOf = async (devices: ClientDevices) => {
    const files = await readdir(path.join(devices.dataDir, 'field'), { recursive: true, withFileTypes: true })
    return files.filter((file) => file.isFile()).map(({ name, parentPath }) => path.join(parentPath, name))
  }

  it('[RUN-23][ENG-81][ENG-83] deletes its store and its key, says so, and can be enrolled again', async () => {
    await using devices = await clientDevices()
    const deviceId = DeviceId.parse('dev_stolen')
    const linkFor = async () =>
      (await admin.devices.openEnrollment.mutate({ deviceId, role: 'scout' })).link ?? ''
    await devices.run('stolen', 'enroll', '--link', await linkFor())
    for (let i = 0; i < 3; i++) await devices.json('stolen', 'note', SECRET)
    await admin.devices.wipe.mutate({ deviceId })
    const wiped = await devices.run('stolen', 'sync')
    expect(wiped).toMatchObject({ code: 1, stderr: '' })
    expect(wiped.stdout).toMatch(/wiped by an admin.*; 3 unsent writes deleted/)
    expect(await filesOf(devices)).toEqual([])
    expect(await wipeOf(deviceId)).toMatchObject({
      acknowledgedAt: expect.any(String) as string,
      unsentDeleted: 3,
    })
    expect(await devices.run('stolen', 'status')).toMatchObject({ code: 3 })
    expect(await devices.run('stolen', 'enroll', '--link', await linkFor())).toMatchObject({ code: 0 })
    expect(JSON.stringify(await devices.json('stolen', 'list'))).not.toContain(SECRET)
    expect(await wipeOf(deviceId)).toBeNull()
  })

  it.each(['before', 'after'] as const)(
    '[RUN-23][ENG-82] and killed with -9 %s the server has its acknowledgement goes on with the next command',
    async (when) => {
      await using devices = await clientDevices()
      await using proxy = await stallingProxy(url)
      const deviceId = DeviceId.parse(`dev_lost_${when}`)
      const { token } = await admin.devices.create.mutate({ deviceId, role: 'scout' })
      const as = deviceId.slice('dev_'.length)
      await devices.run(as, 'enroll', '--url', proxy.url, '--token', token ?? '')
      await devices.json(as, 'note', SECRET)
      await admin.devices.wipe.mutate({ deviceId })
      const stuck = proxy.stall(when)
      const syncing = devices.start(as, 'sync')
      await stuck
      // Everything was deleted before, and what was written since is refused.
      for (const file of await filesOf(devices)) expect(await readFile(file, 'latin1')).not.toContain(SECRET)
      const writing = await devices.run(as, 'note', SECRET)
      expect(writing.stdout).not.toContain('pending')
      syncing.child.kill('SIGKILL')
      expect(await syncing.ended).toMatchObject({ signal: 'SIGKILL' })
      // The command before may have been the one that has acknowledged it.
      await devices.run(as, 'status')
      expect(await filesOf(devices)).toEqual([])
      expect(await wipeOf(deviceId)).toMatchObject({ unsentDeleted: 1 })
    },
  )

  it('[WIP-2] keeps its queue where it is of an earlier build', async () => {
    const deviceId = DeviceId.parse('dev_old_build')
    const { token } = await admin.devices.create.mutate({ deviceId, role: 'scout' })
    await admin.devices.wipe.mutate({ deviceId })
    const answer = await fetch(`${url}/v1/session`, {
      headers: { 'x-device-token': token ?? '', 'fieldsync-contract': '1.6.0' },
    })
    expect(await answer.json()).toMatchObject({
      error: { code: 'AUTH_REQUIRED', details: { reason: 'revoked', action: 're_enrol' } },
    })
    expect(await wipeOf(deviceId)).toMatchObject({ acknowledgedAt: null })
  })
})

describe('two devices in two terminals', () => {
  it('[RUN-11] [ENG-17] create a conflict and resolve it by the printed commands', async () => {
    await using devices = await clientDevices()
    for (const name of ['anna', 'ben']) {
      expect(await enroll(devices, name, url)).toMatchObject({ code: 0, stderr: '' })
    }
    const profile = await stat(path.join(devices.dataDir, 'field', 'anna', 'device.json'))
    expect(profile.mode & 0o777).toBe(0o600)

    const noted = await devices.json('anna', 'note', 'White powder in block 7.', '--severity', 'moderate')
    expect(noted).toMatchObject({ status: 'pending', pending: 1 })
    const { shortId } = noted as { shortId: string }
    await devices.json('anna', 'confirm', shortId.toLowerCase())
    expect(await devices.json('anna', 'sync')).toMatchObject({ state: 'idle', sent: 1, pending: 0 })
    expect(await devices.json('ben', 'sync')).toMatchObject({ received: 1 })

    await devices.json('anna', 'correct', shortId, 'Mildew on the lower leaves.', '--reason', 'looked closer')
    await devices.json('ben', 'correct', shortId, 'Dust, no mildew.', '--reason', 'wiped it off')
    await devices.json('anna', 'sync')
    expect(await devices.json('ben', 'sync')).toMatchObject({ conflicts: 1 })

    const shown = await devices.run('ben', 'conflicts')
    expect(shown.stdout).toContain('OBSERVATION_CORRECTION_STALE')
    expect(shown.stdout).toMatch(/rawNoteText +Dust, no mildew\. +Mildew on the lower leaves\./)
    const suggested = /fieldsync -- (client resolve \S+ correct) --reason "…" (--as ben)/.exec(shown.stdout)
    expect(suggested).not.toBeNull()
    expect(await devices.run('ben', 'resolve', shortId, 'rename')).toMatchObject({ code: 2 })
    const [, command = '', as = ''] = suggested ?? []
    const typed = [...command.split(' '), '--reason', 'wiped it off', ...as.split(' ')]
    expect(await runProgram('cli/main.ts', typed, { DATA_DIR: devices.dataDir })).toMatchObject({ code: 0 })

    expect(await devices.json('ben', 'sync')).toMatchObject({ sent: 1, pending: 0, conflicts: 0 })
    await devices.json('anna', 'sync')
    expect(await devices.json('anna', 'list')).toMatchObject([
      { status: 'synced', document: { rawNoteText: 'Dust, no mildew.', status: 'confirmed' } },
    ])
  })
})

describe('a device without its server', () => {
  it('[RUN-11] writes and looks; sync exits 4 and keeps everything until the server is back', async () => {
    await using devices = await clientDevices()
    expect(await enroll(devices, 'dora', 'http://127.0.0.1:1')).toMatchObject({ code: 4 })
    expect(await devices.run('dora', 'status')).toMatchObject({ code: 3 })
    expect(await devices.run('dora', 'enroll', '--url', url, '--token', 'nobody knows it')).toMatchObject({
      code: 1,
      stderr: expect.not.stringContaining('nobody knows it'),
    })
    expect(await devices.run('dora', 'enroll', '--url', url, '--token', tokenOf('ben'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--device'),
    })
    const link = await stallingProxy(url)
    expect(await enroll(devices, 'dora', link.url)).toMatchObject({ code: 0 })
    expect(await enroll(devices, 'dora', link.url)).toMatchObject({ code: 1 })
    await link[Symbol.asyncDispose]()

    await devices.json('dora', 'note', 'Rust on the wire.')
    const offline = await devices.run('dora', 'sync')
    expect(offline).toMatchObject({
      code: 4,
      stdout: expect.stringContaining('1 write unsent'),
    })
    expect(await devices.json('dora', 'status')).toMatchObject({ pending: 1, conflicts: 0 })
    expect(await devices.json('dora', 'conflicts')).toEqual([])
    const listed = (await devices.json('dora', 'list', '--limit', '1')) as unknown[]
    // No batch is composed before the server has identified itself (ENG-31).
    expect(listed).toMatchObject([{ status: 'pending', document: { rawNoteText: 'Rust on the wire.' } }])
  })

  it.each(['before', 'after'] as const)(
    '[RUN-11] [ENG-3] killed with -9 in the middle of a sync, %s the server had its batch, loses and doubles nothing',
    async (when) => {
      await using devices = await clientDevices()
      await using link = await stallingProxy(url)
      expect(await enroll(devices, 'cleo', link.url)).toMatchObject({ code: 0 })
      const noted = (await devices.json('cleo', 'note', `Written ${when} the kill.`)) as { id: string }
      const stuck = link.stall(when)
      const syncing = devices.start('cleo', 'sync')
      await stuck
      syncing.child.kill('SIGKILL')
      expect(await syncing.ended).toMatchObject({ signal: 'SIGKILL' })

      expect(await devices.json('cleo', 'status')).toMatchObject({ pending: 1 })
      expect(await devices.json('cleo', 'sync')).toMatchObject({ sent: 1, pending: 0, conflicts: 0 })
      const stored = await fetch(`${url}/v1/observations/${noted.id}`, {
        headers: { 'x-device-token': tokenOf('cleo') },
      })
      expect(await stored.json()).toMatchObject({ rawNoteText: `Written ${when} the kill.` })
    },
  )
})

describe('watch', () => {
  it('[RUN-11] [LIV-2] prints what another device wrote, sends what another terminal writes, and ends with 0 on Ctrl-C', async () => {
    await using devices = await clientDevices()
    for (const name of ['anna', 'ben'])
      expect(await enroll(devices, name, url, 'ws_slope')).toMatchObject({ code: 0 })
    const watching = devices.start('ben', 'watch')
    const inJson = devices.start('anna', 'watch', '--json')
    onTestFinished(() => {
      for (const { child } of [watching, inJson]) child.kill('SIGKILL')
    })
    const printed = (text: string, by = watching) =>
      new Promise<void>((resolve) => {
        by.onStdout((all) => {
          if (all.includes(text)) resolve()
        })
      })
    await devices.json('anna', 'note', 'Seen by Anna just now.')
    await printed('by dev_anna: Seen by Anna just now.')
    const { id, shortId } = (await devices.json('ben', 'note', 'From the other terminal.')) as {
      id: string
      shortId: string
    }
    await printed(`accepted  ${shortId}  observation`)
    await printed(id, inJson)
    for (const { child } of [watching, inJson]) child.kill('SIGINT')
    const { code, stdout } = await inJson.ended
    expect(code).toBe(0)
    const lines = stdout.trim().split('\n')
    const events = lines.map((line) => JSON.parse(line) as { kind?: string; state?: string })
    expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['accepted', 'downstream']))
    expect(events.at(-1)).toMatchObject({ pending: 0, conflicts: 0 })
    expect(await watching.ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Stopped\.\s*$/),
    })
  })
})

describe('a store of another owner', () => {
  it('[RUN-20] [ENG-35] is left unchanged by enroll, shown by status, exported, sent with its own token or adopted', async () => {
    await using devices = await clientDevices()
    const folder = path.join(devices.dataDir, 'field', 'anna')
    await enroll(devices, 'anna', url, 'ws_levee')
    await devices.json('anna', 'note', 'Only ours.')
    // The profile is gone, the store is not: it goes to no other device or company, and is not removed.
    const profile = path.join(folder, 'device.json')
    const stored = await readFile(profile, 'utf8')
    await rm(profile)
    const asBen = ['--url', url, '--token', tokenOf('ben', 'ws_levee'), '--device', 'dev_ben'] as const
    const refused = await devices.run('anna', 'enroll', ...asBen)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('store of dev_anna') })
    expect(await devices.run('anna', 'enroll', '--url', url, '--token', NEIGHBOR)).toMatchObject({ code: 1 })
    expect(
      await devices.run('anna', 'enroll', '--url', url, '--token', tokenOf('ben', 'ws_levee')),
    ).toMatchObject({
      code: 1,
    })
    await writeFile(profile, stored.replace(tokenOf('anna', 'ws_levee'), NEIGHBOR))

    const status = await devices.run('anna', 'status')
    expect(status.stdout).toMatch(/1 unsent in the store of dev_anna \(wsu_[0-9a-f]{32}\)/)
    expect(status.stdout).toContain('client store send --token <token> --as anna')
    expect(await devices.run('anna', 'sync')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('before you decide'),
    })
    const file = path.join(devices.dataDir, 'unsent.json')
    expect(await devices.json('anna', 'store', 'export', file)).toMatchObject({ writes: 1, conflicts: 0 })
    expect(await readFile(file, 'utf8')).toContain('Only ours.')
    const twice = await devices.run('anna', 'store', 'export', file)
    expect(twice).toMatchObject({ code: 2 })
    expect(twice.stderr).toContain('already exists: choose another file')
    expect(await devices.json('anna', 'store', 'send', '--token', tokenOf('anna', 'ws_levee'))).toMatchObject(
      {
        pending: 0,
      },
    )
    await enroll(devices, 'ben', url, 'ws_levee')
    expect((await devices.run('ben', 'list')).stdout).toContain('Only ours.')
    // And if it is this company's after all, a person decides so.
    expect(await devices.run('anna', 'sync')).toMatchObject({ code: 1 })
    expect(await devices.json('anna', 'store', 'adopt')).toEqual({ adopted: true })
    expect(await devices.run('anna', 'store', 'adopt')).toMatchObject({ code: 2 })
    expect(await devices.run('anna', 'sync')).toMatchObject({ code: 0 })
  })
})
