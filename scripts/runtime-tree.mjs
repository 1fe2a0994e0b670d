// npm run runtime-tree -- <folder>
// Writes what a server needs at run time to a new folder: sources without tests, built apps, migrations, production
// dependencies and the project's Node. It starts from there without npm, without a network and without writing into it:
// bin/fieldsync-server, and bin/fieldsync for the command line. The folders keep their places in the repository,
// because Node runs TypeScript outside node_modules alone: packages are linked there, not copied.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { root } from './setup/root.mjs'
import { say, SetupError } from './setup/say.mjs'

const SERVER = 'apps/server'
/** Beside the packages: what the lockfile is read with, what the server reads from disk, and what it serves. */
const FILES = [
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  '.npmrc',
  'prisma/migrations',
  'prisma/functions',
  'prisma/starter',
  'apps/web/dist',
  'apps/mobile/dist',
]
const IS_TEST = /\.(?:test|e2e|soak)\.tsx?$|\/src\/(?:[^/]+\/)*(?:testing|system|process-tests)$/

function main([folder, ...rest]) {
  if (folder === undefined || rest.length > 0)
    throw new SetupError('usage: npm run runtime-tree -- <folder>', 2)
  const tree = path.resolve(folder)
  if (existsSync(tree) && readdirSync(tree).length > 0) throw new SetupError(`${tree} is not empty`)
  for (const name of FILES) copy(name, tree)
  for (const name of serverPackages()) {
    copy(`${name}/package.json`, tree)
    copy(`${name}/src`, tree)
  }
  installProduction(tree)
  copyPrograms(tree)
  say(`the server is in ${tree}; start it by bin/fieldsync-server`)
}

function copy(name, tree) {
  cpSync(path.join(root, name), path.join(tree, name), {
    recursive: true,
    filter: (source) => !IS_TEST.test(source),
  })
}

/** The folders of the server and of every workspace package that it depends on at run time. */
function serverPackages() {
  const folders = new Map(
    readdirSync(path.join(root, 'packages')).map((name) => [
      manifest(`packages/${name}`).name,
      `packages/${name}`,
    ]),
  )
  const found = new Set([SERVER])
  for (const folder of found) {
    for (const [name, version] of Object.entries(manifest(folder).dependencies ?? {})) {
      if (version.startsWith('workspace:')) found.add(folders.get(name))
    }
  }
  return found
}

function manifest(folder) {
  return JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'))
}

// Files are copied from pnpm's store, not linked: the tree may be given to another user.
function installProduction(tree) {
  const args = [
    'install',
    '--prod',
    '--frozen-lockfile',
    '--prefer-offline',
    '--reporter=append-only',
    '--config.minimumReleaseAge=0',
    '--config.package-import-method=copy',
    '--filter=@fieldsync/server...',
  ]
  const { status, error } = spawnSync('pnpm', args, {
    cwd: tree,
    env: { ...process.env, CI: 'true' },
    stdio: ['ignore', 2, 2],
  })
  if (error !== undefined) throw error
  if (status !== 0)
    throw new SetupError(`the production dependencies could not be installed (exit ${status})`)
}

function copyPrograms(tree) {
  const bin = path.join(tree, 'bin')
  mkdirSync(bin)
  copyFileSync(process.execPath, path.join(bin, 'node'))
  cpSync(path.join(root, 'deploy/runtime'), bin, { recursive: true })
  for (const name of readdirSync(bin)) chmodSync(path.join(bin, name), 0o755)
}

try {
  main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  process.exitCode = error.exitCode
}
