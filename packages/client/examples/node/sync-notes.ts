import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { openNodeSqliteStore } from '@fieldsync/sync-engine/stores/node-sqlite'

const { FIELDSYNC_URL, FIELDSYNC_DEVICE, FIELDSYNC_TOKEN, FIELDSYNC_STORE } = process.env

const store = await openNodeSqliteStore({ file: FIELDSYNC_STORE ?? 'fieldsync.db' })
const client = createFieldsyncClient({
  url: FIELDSYNC_URL ?? 'http://127.0.0.1:8787',
  credentials: deviceToken(FIELDSYNC_TOKEN ?? ''),
  store,
  device: {
    deviceId: FIELDSYNC_DEVICE ?? 'dev_scout_1',
    platform: 'web',
    appVersion: '1.0.0',
    modelPackageVersion: '1.0.0',
  },
})

const now = new Date().toISOString()
const saved = await client.saveObservation({
  observationId: client.ids.observation(),
  deviceId: FIELDSYNC_DEVICE ?? 'dev_scout_1',
  createdAt: now,
  captureMode: 'typed',
  rawNoteText: 'White powder on leaves in block 7.',
  transcription: { text: 'White powder on leaves in block 7.', source: 'manual_typed', confidence: 1 },
  extraction: {
    crop: 'grape',
    fieldBlock: 'Block 7',
    issue: 'powdery_mildew',
    severity: 'moderate',
    symptoms: ['white powder on leaves'],
    observationTime: now,
  },
  normalization: { temperatureC: 24, leafWetness: 'dry', windEstimateKph: 6 },
  location: { lat: 38.5449, lon: -121.7405 },
  status: 'confirmed',
  schemaVersion: '1.0.0',
})
if (!saved.ok) throw new Error(saved.issues.map(({ path, message }) => `${path} ${message}`).join('; '))

// From here on the note is stored on this device; without a network the next run sends it.
const { state, pending, problem } = await client.sync()
console.log(`${state}: ${pending} waiting${problem === null ? '' : `, since ${problem}`}`)
for (const { document, status } of await client.records('observation', { reverse: true, limit: 5 })) {
  console.log(`${document.observationId} ${status}: ${document.rawNoteText}`)
}
await client.stop()
await store.close()
