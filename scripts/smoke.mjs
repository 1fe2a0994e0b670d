// Plays one device against a running server: node scripts/smoke.mjs <address> <device id> <token> [<pid>]
// Waits until the server is ready (as long as the process <pid> lives), sends a batch with a new observation, sends
// the same bytes again, and reads the record back.
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'

const READY_WITHIN_MS = 300_000
const [address = '', deviceId = '', token = '', pid] = process.argv.slice(2)

async function waitUntilReady() {
  for (const started = Date.now(); ;) {
    const answer = await fetch(`${address}/v1/health`).catch(() => undefined)
    if (answer?.status === 200) return answer.json()
    if (pid !== undefined) process.kill(Number(pid), 0)
    if (Date.now() - started > READY_WITHIN_MS) throw new Error(`${address}/v1/health does not answer 200`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function newObservation(now) {
  // 26 characters of Crockford's base 32, the first of which is at most 7.
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  const ulid = `0${[...randomBytes(25)].map((byte) => alphabet[byte % 32]).join('')}`
  return {
    observationId: `obs_${now.slice(0, 10).replaceAll('-', '')}_${ulid}`,
    deviceId,
    createdAt: now,
    captureMode: 'typed',
    rawNoteText: 'Powdery mildew on the lower leaves, block 7.',
    transcription: {
      text: 'Powdery mildew on the lower leaves, block 7.',
      source: 'manual_typed',
      confidence: 1,
    },
    extraction: {
      crop: 'grape',
      fieldBlock: 'block 7',
      issue: 'powdery_mildew',
      severity: 'moderate',
      symptoms: ['white powder on leaves'],
      observationTime: now,
    },
    normalization: { leafWetness: 'dry', windEstimateKph: 6 },
    location: { lat: 38.54, lon: -121.74 },
    status: 'confirmed',
    schemaVersion: '1.0.0',
    deterministicChecksum: `sha256:${randomBytes(32).toString('hex')}`,
  }
}

function newBatch(observation, now) {
  return {
    syncId: `sync_${randomUUID()}`,
    requestedAt: now,
    device: {
      deviceId,
      platform: 'android',
      appVersion: '1.0.0',
      modelPackageVersion: '1.0.0',
      offlineModeEnabled: true,
      updatedAt: now,
    },
    lastKnownServerCursor: '',
    upserts: { observations: [observation], recommendations: [], playbookPatches: [] },
  }
}

async function send(batch) {
  const answer = await fetch(`${address}/v1/sync/batch`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': batch.syncId,
      'x-device-token': token,
    },
    body: JSON.stringify(batch),
  })
  const text = await answer.text()
  assert.equal(answer.status, 200, `the batch was answered ${answer.status}: ${text}`)
  return { text, replayed: answer.headers.get('idempotency-replayed') }
}

const health = await waitUntilReady()
assert.equal(health.status, 'ok')
const now = new Date().toISOString()
const observation = newObservation(now)
const batch = newBatch(observation, now)

const first = await send(batch)
const body = JSON.parse(first.text)
assert.equal(first.replayed, null, 'the first answer is no replay')
assert.equal(body.syncId, batch.syncId)
assert.deepEqual(body.acceptedCounts, { observations: 1, recommendations: 0, playbookPatches: 0 })
assert.deepEqual(body.conflicts, [])
assert.notEqual(body.serverCursor, '')

const second = await send(batch)
assert.equal(second.replayed, 'true', 'the second answer is marked as a replay')
assert.equal(second.text, first.text, 'the second answer equals the first byte for byte')

const stored = await fetch(`${address}/v1/observations/${observation.observationId}`, {
  headers: { 'x-device-token': token },
})
assert.equal(stored.status, 200)
assert.equal((await stored.json()).rawNoteText, observation.rawNoteText)
console.log(`a batch was accepted, replayed and read back at ${address} (server ${health.version})`)
