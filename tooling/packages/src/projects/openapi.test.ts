import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { compile, COMPILERS, tsconfig } from '../testing/compilers.ts'
import { createProject, type OutsideProject } from '../testing/outside-project.ts'
import { projectServer, SCOUT } from '../testing/project-server.ts'

/** A program on a client that is generated from the document, and on nothing of this workspace. */
const PROGRAM = `import { randomUUID } from 'node:crypto'
import createClient from 'openapi-fetch'
import type { components, paths } from './api.d.ts'

const { FIELDSYNC_URL, FIELDSYNC_TOKEN = '', FIELDSYNC_DEVICE = '' } = process.env
const client = createClient<paths>({ baseUrl: FIELDSYNC_URL, headers: { 'X-Device-Token': FIELDSYNC_TOKEN } })
const now = new Date().toISOString()
const note: components['schemas']['Observation'] = {
  observationId: \`obs_\${now.slice(0, 10).replaceAll('-', '')}_01KH7XQ4TNE5GZ3V8W2M6RYB9C\`,
  deviceId: FIELDSYNC_DEVICE,
  createdAt: now,
  captureMode: 'typed',
  rawNoteText: 'Sent by a generated client.',
  transcription: { text: 'Sent by a generated client.', source: 'manual_typed', confidence: 1 },
  extraction: {
    crop: 'grape',
    fieldBlock: 'Block 7',
    issue: 'powdery_mildew',
    severity: 'low',
    symptoms: ['white powder'],
    observationTime: now,
  },
  normalization: { leafWetness: 'dry', windEstimateKph: 6 },
  location: { lat: 38.5449, lon: -121.7405 },
  status: 'confirmed',
  schemaVersion: '1.0.0',
  deterministicChecksum: 'sha256:9f86d081884c7d65',
}
const syncId = randomUUID()
const body: components['schemas']['SyncBatchRequest'] = {
  syncId,
  requestedAt: now,
  device: {
    deviceId: FIELDSYNC_DEVICE,
    platform: 'web',
    appVersion: '1.0.0',
    modelPackageVersion: '1.0.0',
    offlineModeEnabled: true,
    updatedAt: now,
  },
  lastKnownServerCursor: '',
  upserts: { observations: [note], recommendations: [], playbookPatches: [] },
}
const params = { header: { 'Idempotency-Key': syncId } }
for (const attempt of ['first', 'repeated']) {
  const { data, error, response } = await client.POST('/v1/sync/batch', { params, body })
  if (error !== undefined) throw new Error(error.error.message)
  const replayed = response.headers.get('Idempotency-Replayed') ?? 'false'
  console.log(\`\${attempt}: \${data.acceptedCounts.observations} accepted, replayed \${replayed}\`)
}
const refused = await client.GET('/v1/observations/{observationId}', { params: { path: { observationId: 'none' } } })
console.log(refused.error?.error.code)
`

const server = await projectServer()

describe('a client that is generated from the OpenAPI document', () => {
  let project: OutsideProject
  beforeAll(async () => {
    const { 'typescript-5': typescript } = COMPILERS
    project = await createProject({
      name: 'openapi',
      tarballs: {},
      manifest: { type: 'module' },
      dependencies: {
        'openapi-fetch': '0.17.0',
        'openapi-typescript': '7.13.0',
        typescript: typescript.replace('npm:typescript@', ''),
        '@types/node': '24',
      },
      files: {
        'sync-batch.ts': PROGRAM,
        'tsconfig.json': tsconfig({ module: 'nodenext', types: ['node'], noEmit: false, outDir: 'built' }),
      },
    })
    const document = await fetch(`${server.url}/v1/openapi.json`)
    await writeFile(path.join(project.folder, 'openapi.json'), await document.text())
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('[OPS-2] compiles strictly, syncs a batch over REST, and reads errors', async () => {
    await project.node(['node_modules/openapi-typescript/bin/cli.js', 'openapi.json', '-o', 'api.d.ts'])
    await compile(project, 'typescript', 'tsconfig.json')
    const env = { FIELDSYNC_URL: server.url, FIELDSYNC_TOKEN: SCOUT.token, FIELDSYNC_DEVICE: SCOUT.deviceId }
    const printed = await project.node(['built/sync-batch.js'], { env })
    expect(printed.trim().split('\n')).toEqual([
      'first: 1 accepted, replayed false',
      'repeated: 1 accepted, replayed true',
      'VALIDATION_ERROR',
    ])
    expect(await server.notes()).toMatchObject([{ rawNoteText: 'Sent by a generated client.' }])
  })
})
