// Proves that this build and the last one that announced no contract version work together over a real server and a
// real device: npm run compat. The other build is checked out from git, set up by its own scripts, and stays in .tools/
// for the next run. Loopback only; each server has a database of its own.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { root } from '../setup/root.mjs'
import {
  BETWEEN_COMMIT,
  buildOf,
  OLD_COMMIT,
  play as playAt,
  startServer as start,
  stopAll,
} from './builds.mjs'

const TOKENS = { dev_new: 'pre-shared-token-of-the-new-phone', dev_old: 'pre-shared-token-of-the-old-phone' }

const work = mkdtempSync(path.join(tmpdir(), 'fieldsync-compat-'))

/** A server of a build on a data folder; resolves when it is ready. */
const startServer = (build, dataDir) =>
  start(build, {
    DATA_DIR: dataDir,
    PEPPER: 'the pepper of the compatibility tests, long enough',
    DEVICE_TOKENS: Object.entries(TOKENS)
      .map(([device, token]) => `ws_compat/${device}#agronomist=${token}`)
      .join(','),
  })

const play = (build, { url, deviceId }, ...acts) =>
  playAt(build, { url, deviceId, token: TOKENS[deviceId], store: path.join(work, `${deviceId}.db`) }, ...acts)

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
  const [first, second, synced, ...more] = await play(
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
  const [shown] = await play(root, here, { do: 'get', id: first.id })
  assert.deepEqual(shown.notObserved, NEW_FIELDS.notObserved)
  assert.deepEqual(shown.location, NEW_FIELDS.location)
  await before.stop()
  console.log('a new device at the old server: all sent, nothing quarantined, nothing drifted')

  // The same server, updated.
  const between = await startServer(buildOf(BETWEEN_COMMIT), dataDir)
  await between.stop()
  const after = await startServer(root, dataDir)
  const there = { url: after.url, deviceId: 'dev_new' }
  const [upgraded] = await play(root, there, { do: 'sync' })
  isSynced(upgraded)
  assert.deepEqual(
    (await recordsAt(after.url)).filter((record) => record.notObserved),
    [],
  )
  const [, , sent] = await play(
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
  const [synced, again, list, , noted] = await play(
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
  const [, corrected, events] = await play(
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
  const [, mine] = await play(
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
  await stopAll()
  rmSync(work, { recursive: true, force: true })
}
