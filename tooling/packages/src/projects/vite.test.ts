import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { startBrowser, type TestBrowser } from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

import { REPOSITORY } from '../published-packages.ts'
import { compile, type Compiler, COMPILERS, tsconfig } from '../testing/compilers.ts'
import { createProject, type OutsideProject } from '../testing/outside-project.ts'
import { type ProjectServer, projectServer } from '../testing/project-server.ts'

const EXAMPLE = path.join(REPOSITORY, 'packages/client/examples/browser/key-client.ts')
const PAGE = `<!doctype html><title>notes</title><p id="shown"></p><script type="module" src="/main.ts"></script>`
const PROGRAM = `import { enroll, openClient } from './key-client.ts'

const DEVICE = 'dev_browser_1'
const TEXT = 'Written in a browser.'
const link = new URLSearchParams(location.search).get('link')
if (link !== null) await enroll(link)
const client = await openClient()
if (client !== undefined && link !== null) {
  const createdAt = new Date().toISOString()
  const saved = await client.saveObservation({
    observationId: client.ids.observation(),
    deviceId: DEVICE,
    createdAt,
    captureMode: 'typed',
    rawNoteText: TEXT,
    transcription: { text: TEXT, source: 'manual_typed', confidence: 1 },
    extraction: {
      crop: 'grape',
      fieldBlock: 'Block 7',
      issue: 'powdery_mildew',
      severity: 'low',
      symptoms: ['white powder'],
      observationTime: createdAt,
    },
    normalization: { leafWetness: 'dry', windEstimateKph: 6 },
    location: { lat: 38.5449, lon: -121.7405 },
    status: 'confirmed',
    schemaVersion: '1.0.0',
  })
  if (!saved.ok) throw new Error(JSON.stringify(saved.issues))
}
const status = await client?.sync()
const notes = await client?.records('observation')
const shown = document.querySelector('#shown')
if (shown) shown.textContent = \`\${status?.state}: \${status?.pending} waiting, \${notes?.length} stored\`
`

describe('a project for Vite', () => {
  let project: OutsideProject
  let preview: Preview
  let server: ProjectServer
  let browser: TestBrowser
  beforeAll(async () => {
    project = await createProject({
      name: 'vite',
      tarballs: inject('tarballs'),
      manifest: { type: 'module' },
      dependencies: { ...COMPILERS, vite: '8' },
      files: {
        'index.html': PAGE,
        'main.ts': PROGRAM,
        'key-client.ts': pathToFileURL(EXAMPLE),
        'tsconfig.json': tsconfig({
          module: 'esnext',
          moduleResolution: 'bundler',
          allowImportingTsExtensions: true,
          // The last one for the declarations of tRPC.
          lib: ['es2022', 'dom', 'dom.iterable', 'esnext.disposable'],
          types: [],
        }),
      },
    })
    await project.node(['node_modules/vite/bin/vite.js', 'build'])
    preview = await startPreview(project.folder)
    server = await projectServer({ CORS_ORIGINS: preview.origin })
    browser = await startBrowser({ profile: true })
  })
  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await preview.stop()
    await project[Symbol.asyncDispose]()
  })

  it.each(Object.keys(COMPILERS) as Compiler[])(
    'compiles strictly with %s, without the types of Node',
    (compiler) => compile(project, compiler, 'tsconfig.json'),
  )

  it('enrolls with a key of the browser, stores a note in IndexedDB and sends it', async () => {
    const link = await server.enroll('dev_browser_1')
    const tab = await browser.open(`${preview.origin}/?link=${encodeURIComponent(link)}`)
    const shown = tab.locator('#shown')
    await shown.filter({ hasText: 'idle: 0 waiting, 1 stored' }).waitFor()
    expect(await server.notes()).toMatchObject([
      { deviceId: 'dev_browser_1', rawNoteText: 'Written in a browser.' },
    ])

    // Key, settings and store outlive the page.
    await tab.goto(preview.origin)
    await shown.filter({ hasText: 'idle: 0 waiting, 1 stored' }).waitFor()
  })
})

type Preview = { readonly origin: string; readonly stop: () => Promise<void> }

/** Serves the built page as `vite preview` does, on a free port. */
async function startPreview(folder: string): Promise<Preview> {
  const args = ['node_modules/vite/bin/vite.js', 'preview', '--host', '127.0.0.1', '--port', '0']
  const child: ChildProcess = spawn(process.execPath, args, { cwd: folder, env: { NO_COLOR: '1' } })
  const ended = once(child, 'exit')
  let printed = ''
  const origin = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? []
      if (found !== undefined) resolve(found)
    })
    child.once('exit', () => reject(new Error(`vite preview ended:\n${printed}`)))
  })
  return {
    origin,
    stop: async () => {
      child.kill()
      await ended
    },
  }
}
