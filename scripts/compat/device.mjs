// One device of a build: performs the given acts on a store, and prints the result of each as JSON. Both builds are driven
// by this file, through the public interfaces of their packages.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const { build, url, deviceId, token, store: file, acts } = JSON.parse(process.argv[2])
const load = (name) => import(pathToFileURL(path.join(build, name)).href)
const { createFieldsyncClient, deviceToken } = await load('packages/client/src/index.ts')
const { openNodeSqliteStore } = await load('packages/sync-engine/src/stores/node-sqlite/node-sqlite-store.ts')

const store = await openNodeSqliteStore({ file })
const client = engineOf(
  createFieldsyncClient({
    url,
    credentials: deviceToken(token),
    store,
    device: { deviceId, platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' },
  }),
)
const events = []
client.subscribe(({ kind }) => events.push(kind))

/** The engine's shape, which the client of a build of contract 1.3.0 has under other names. */
function engineOf(made) {
  const { observations, sync } = made
  if (typeof sync === 'function') return made
  return {
    ids: { observation: observations.newId },
    record: (_type, id) => observations.get(id),
    records: () => observations.list(),
    saveObservation: observations.save,
    correct: observations.correct,
    subscribe: sync.subscribe,
    sync: sync.now,
    stop: sync.stop,
  }
}

const shown = async (id) => (await client.record('observation', id))?.document ?? null

function note(record) {
  const now = new Date().toISOString()
  return {
    observationId: client.ids.observation(),
    deviceId,
    createdAt: now,
    captureMode: 'typed',
    transcription: { text: record.rawNoteText, source: 'manual_typed', confidence: 1 },
    extraction: {
      crop: 'grape',
      fieldBlock: 'Block 7',
      issue: 'powdery_mildew',
      severity: 'low',
      symptoms: ['white powder on leaves'],
      observationTime: now,
    },
    normalization: { leafWetness: 'dry', windEstimateKph: 0 },
    location: { lat: 38.5, lon: -121.7 },
    schemaVersion: '1.0.0',
    ...record,
  }
}

async function saved(writing) {
  const outcome = await writing
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues))
  return { id: outcome.record.id }
}

async function perform(act) {
  switch (act.do) {
    case 'save':
      return saved(client.saveObservation(note(act.record)))
    case 'edit':
      return saved(client.saveObservation({ ...(await shown(act.id)), ...act.changes }))
    case 'correct':
      return saved(client.correct(act.id, act.changes, 'looked again'))
    case 'sync':
      return client.sync()
    case 'get':
      return shown(act.id)
    case 'list':
      return (await client.records('observation')).map(({ document }) => document)
    case 'walk':
      return walk(act.until)
    case 'events':
      return events
    default:
      throw new Error(`unknown act ${act.do}`)
  }
}

/** Notes and syncs in turns until a file is there, then until nothing waits. */
async function walk(until) {
  const ids = []
  let status
  let failed = 0
  for (let last = false; !last || status.pending > 0;) {
    last ||= existsSync(until)
    if (!last)
      ids.push(
        (
          await saved(
            client.saveObservation(note({ rawNoteText: `note ${ids.length}`, status: 'confirmed' })),
          )
        ).id,
      )
    status = await client.sync()
    if (status.state !== 'idle') failed += 1
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { ids, failed, status }
}

const outcomes = []
for (const act of acts) outcomes.push(await perform(act))
await client.stop()
await store.close()
console.log(JSON.stringify(outcomes))
