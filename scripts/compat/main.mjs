// Proves that this build and the last one that announced no contract version work together over a real server and a
// real device: npm run compat. The other build is checked out from git, set up by its own scripts, and stays in .tools/
// for the next run. Loopback only; each server has a database of its own.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { root, tools } from '../setup/root.mjs'

/** The last build of contract 1.3.0: what is installed on phones that were not updated since. */
const OLD_COMMIT = '4371e5b'
/**
 * The last build with separate migrations: it migrates a database of the old one to the state from which this build
 * continues.
 */
const BETWEEN_COMMIT = '7149d04'
const TOKENS = { dev_new: 'pre-shared-token-of-the-new-phone', dev_old: 'pre-shared-token-of-the-old-phone' }

const work = mkdtempSync(path.join(tmpdir(), 'fieldsync-compat-'))
const running = new Set()

/** A build checked out from git and set up. */
function buildOf(commit) {
  const folder = path.join(tools, `compat-${commit}`)
  if (!existsSync(path.join(folder, 'package.json'))) {
    mkdirSync(folder, { recursive: true })
    const archive = spawnSync('git', ['archive', commit], { cwd: root, maxBuffer: 1 << 30 })
    if (archive.status !== 0) {
      throw new Error(
        `commit ${commit} is not in this clone: fetch the whole history (git fetch --unshallow)`,
      )
    }
    const unpacked = spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout })
    if (unpacked.status !== 0) throw new Error(`could not unpack ${commit}: ${String(unpacked.stderr)}`)
  }
  // The same version of pnpm need not be fetched again.
  for (const name of readdirSync(tools).filter((each) => each.startsWith('pnpm-'))) {
    const copy = path.join(folder, '.tools', name)
    if (!existsSync(copy)) cpSync(path.join(tools, name), copy, { recursive: true })
  }
  const { NODE_COMPILE_CACHE: _ours, ...env } = process.env
  const setUp = spawnSync(process.execPath, ['scripts/run.mjs', 'fieldsync', '--help'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  if (setUp.status !== 0) throw new Error(`could not set up ${commit}:\n${setUp.stdout}${setUp.stderr}`)
  return folder
}

/** A server of a build on a data folder; resolves when it is ready. */
async function startServer(build, dataDir) {
  const child = spawn(process.execPath, [path.join(build, 'apps/server/src/main.ts')], {
    cwd: build,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: '0',
      LOG_FORMAT: 'json',
      DATA_DIR: dataDir,
      PEPPER: 'the pepper of the compatibility tests, long enough',
      DEVICE_TOKENS: Object.entries(TOKENS)
        .map(([device, token]) => `ws_compat/${device}#agronomist=${token}`)
        .join(','),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  let out = ''
  const ready = new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      out += chunk
      if (/"msg":"ready"/.test(out)) resolve()
    })
    child.once('exit', (code) => {
      running.delete(child)
      reject(new Error(`the server of ${build} ended with ${code}:\n${out}`))
    })
  })
  await ready
  const starting = out.split('\n').find((line) => line.includes('"msg":"starting"'))
  const url = JSON.parse(starting).address
  const stop = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  return { url, stop }
}

/** Lets a device of a build do something, and returns the result of each act. */
function play(build, { url, deviceId }, ...acts) {
  const task = {
    build,
    url,
    deviceId,
    token: TOKENS[deviceId],
    store: path.join(work, `${deviceId}.db`),
    acts,
  }
  const program = path.join(import.meta.dirname, 'device.mjs')
  const ran = spawnSync(process.execPath, [program, JSON.stringify(task)], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (ran.status !== 0) throw new Error(`the device of ${build} failed:\n${ran.stderr}${ran.stdout}`)
  return JSON.parse(ran.stdout)
}

async function recordsAt(url, deviceId = 'dev_new') {
  const answer = await fetch(`${url}/v1/observations`, { headers: { 'x-device-token': TOKENS[deviceId] } })
  assert.equal(answer.status, 200)
  return answer.json()
}

const NEW_FIELDS = {
  notObserved: ['/normalization/windEstimateKph'],
  location: { lat: 38.5, lon: -121.7, source: 'gps', accuracyM: 12 },
}
const isSynced = (status) => {
  const { state, pending, conflicts, quarantined } = status
  assert.deepEqual(
    { state, pending, conflicts, quarantined },
    { state: 'idle', pending: 0, conflicts: 0, quarantined: 0 },
    JSON.stringify(status),
  )
}

async function newDeviceAtOldServer(old) {
  const dataDir = path.join(work, 'data')
  const before = await startServer(old, dataDir)
  const here = { url: before.url, deviceId: 'dev_new' }
  const draft = { rawNoteText: 'a draft', status: 'draft', ...NEW_FIELDS }
  const confirmed = { rawNoteText: 'a confirmed note', status: 'confirmed', ...NEW_FIELDS }
  const [first, second, synced, ...more] = play(
    root,
    here,
    { do: 'save', record: draft },
    { do: 'save', record: confirmed },
    { do: 'sync' },
    { do: 'sync' },
    { do: 'sync' },
    { do: 'events' },
  )
  isSynced(synced)
  const events = more.at(-1)
  assert.deepEqual(
    events.filter((kind) => ['drift', 'quarantined', 'cursorReset'].includes(kind)),
    [],
  )
  assert.equal(events.filter((kind) => kind === 'accepted').length, 1, 'nothing is sent again by itself')
  for (const record of await recordsAt(before.url)) {
    assert.equal(record.notObserved, undefined)
    assert.deepEqual(record.location, { lat: 38.5, lon: -121.7 })
  }
  const [shown] = play(root, here, { do: 'get', id: first.id })
  assert.deepEqual(shown.notObserved, NEW_FIELDS.notObserved)
  assert.deepEqual(shown.location, NEW_FIELDS.location)
  await before.stop()
  console.log('a new device at the old server: all sent, nothing quarantined, nothing drifted')

  // The same server, updated.
  const between = await startServer(buildOf(BETWEEN_COMMIT), dataDir)
  await between.stop()
  const after = await startServer(root, dataDir)
  const there = { url: after.url, deviceId: 'dev_new' }
  const [upgraded] = play(root, there, { do: 'sync' })
  isSynced(upgraded)
  assert.deepEqual(
    (await recordsAt(after.url)).filter((record) => record.notObserved),
    [],
  )
  const [, , sent] = play(
    root,
    there,
    { do: 'edit', id: first.id, changes: { rawNoteText: 'an edited draft' } },
    { do: 'correct', id: second.id, changes: { rawNoteText: 'a corrected note' } },
    { do: 'sync' },
  )
  isSynced(sent)
  for (const record of await recordsAt(after.url)) {
    assert.deepEqual(record.notObserved, NEW_FIELDS.notObserved, record.rawNoteText)
    assert.deepEqual(record.location, NEW_FIELDS.location)
  }
  console.log('after the server’s update the fields went out with the next edit and correction')
  return after
}

async function oldDeviceAtNewServer(old, { url }) {
  const here = { url, deviceId: 'dev_old' }
  const [synced, again, list, , noted] = play(
    old,
    here,
    { do: 'sync' },
    { do: 'sync' },
    { do: 'list' },
    { do: 'save', record: { rawNoteText: 'of the old phone', status: 'draft' } },
    { do: 'sync' },
    { do: 'events' },
  )
  for (const status of [synced, again, noted]) isSynced(status)
  assert.equal(list.length, 2, 'the old build reads every record')
  assert.deepEqual(list.map(({ rawNoteText }) => rawNoteText).sort(), ['a corrected note', 'an edited draft'])
  const edited = list.find(({ rawNoteText }) => rawNoteText === 'a corrected note')
  const [, corrected, events] = play(
    old,
    here,
    { do: 'correct', id: edited.observationId, changes: { rawNoteText: 'corrected by the old phone' } },
    { do: 'sync' },
    { do: 'events' },
  )
  isSynced(corrected)
  assert.deepEqual(
    events.filter((kind) => ['drift', 'quarantined', 'cursorReset'].includes(kind)),
    [],
  )
  // A known limit: a build that does not know the fields cannot keep them in an edit.
  const record = (await recordsAt(url)).find(
    ({ rawNoteText }) => rawNoteText === 'corrected by the old phone',
  )
  assert.equal(record.notObserved, undefined)
  const [, mine] = play(
    root,
    { url, deviceId: 'dev_new' },
    { do: 'sync' },
    { do: 'get', id: record.observationId },
  )
  assert.equal(mine.rawNoteText, 'corrected by the old phone')
  console.log(
    'an old device at the new server: every record read, notes and corrections taken, nothing drifted',
  )
}

const started = performance.now()
try {
  const old = buildOf(OLD_COMMIT)
  const server = await newDeviceAtOldServer(old)
  await oldDeviceAtNewServer(old, server)
  await server.stop()
  console.log(`compatible with ${OLD_COMMIT}, ${Math.round((performance.now() - started) / 1000)} s`)
} finally {
  for (const child of running) {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  rmSync(work, { recursive: true, force: true })
}
