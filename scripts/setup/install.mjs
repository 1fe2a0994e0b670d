import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { root } from './root.mjs'
import { say, SetupError } from './say.mjs'

/** Installs exactly what the lockfile lists, when manifests, lockfile or platform changed since the last time. */
export function installDependencies(env) {
  const stamp = path.join(root, 'node_modules', '.fieldsync-installed')
  const wanted = digest([...manifests(), 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'])
  if (holds(stamp, wanted)) return
  say('installing dependencies')
  // The lockfile pins and hashes every package, so the age rule for new releases has nothing to protect here.
  const args = ['install', '--frozen-lockfile', '--reporter=append-only', '--config.minimumReleaseAge=0']
  run(
    'pnpm',
    args,
    { ...env, CI: 'true' },
    'the dependencies could not be installed; is the npm registry reachable?',
  )
  writeFileSync(stamp, wanted)
  say('dependencies installed')
}

/** Generates the database client when the schema changed since the last time. */
export function generatePrismaClient(node, env) {
  const generated = path.join(root, 'packages', 'db', 'src', 'generated')
  const stamp = path.join(root, 'node_modules', '.fieldsync-generated')
  const wanted = digest(['prisma/schema.prisma', 'prisma.config.ts', 'pnpm-lock.yaml'])
  if (existsSync(path.join(generated, 'client.ts')) && holds(stamp, wanted)) return
  say('generating the database client')
  const args = [path.join(root, 'node_modules/prisma/build/index.js'), 'generate', '--no-hints']
  run(node, args, env, 'the database client could not be generated from prisma/schema.prisma')
  writeFileSync(stamp, wanted)
}

/**
 * Writes the declarations of the tRPC router for the client, whose type check must see the router's type and none of
 * the server's code, when one of their sources has changed since the last time.
 */
export function emitRouterTypes(node, env) {
  const emitted = path.join(root, 'packages', 'api', 'dist-types')
  const stamp = path.join(root, 'node_modules', '.fieldsync-router-types')
  const sources = ['contracts', 'domain', 'agronomy', 'db', 'services', 'api'].flatMap(sourcesOf)
  const wanted = digest([...sources, 'packages/api/tsconfig.types.json', 'pnpm-lock.yaml'])
  if (existsSync(emitted) && holds(stamp, wanted)) return
  say('writing the router type for clients')
  rmSync(emitted, { recursive: true, force: true })
  const args = [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', 'packages/api/tsconfig.types.json']
  run(node, args, env, 'the router type could not be written; see the errors above')
  writeFileSync(stamp, wanted)
}

// Not part of an app.
const IS_TESTING = /\.(?:test|e2e)\.ts$|^testing/

/** Builds the web console, which the server serves, when one of its sources has changed since the last time. */
export function buildConsole(node, env) {
  const app = path.join(root, 'apps', 'web')
  const stamp = path.join(root, 'node_modules', '.fieldsync-console')
  const sources = ['design', 'messages', 'contracts', 'domain', 'agronomy', 'sync-engine', 'client'].flatMap(
    sourcesOf,
  )
  const own = readdirSync(path.join(app, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:tsx?|css)$/.test(file) && !IS_TESTING.test(file))
    .map((file) => `apps/web/src/${file}`)
  const wanted = digest([
    ...sources,
    ...own.sort(),
    'apps/web/index.html',
    'apps/web/vite.config.ts',
    'apps/web/scripts/library-styles.ts',
    'pnpm-lock.yaml',
  ])
  if (existsSync(path.join(app, 'dist', 'index.html')) && holds(stamp, wanted)) return
  say('building the console')
  const args = [path.join(app, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn', app]
  run(node, args, env, 'the console could not be built; see the errors above')
  const measure = [path.join(app, 'scripts/measure-shell.ts')]
  run(node, measure, env, 'the console exceeds its size limit')
  writeFileSync(stamp, wanted)
}

/**
 * Builds the field app for browsers, which the server serves, when one of its sources has changed since the last time.
 */
export function buildFieldApp(node, env) {
  const app = path.join(root, 'apps', 'mobile')
  const stamp = path.join(root, 'node_modules', '.fieldsync-field-app')
  const sources = ['design', 'messages', 'contracts', 'domain', 'agronomy', 'sync-engine', 'client'].flatMap(
    sourcesOf,
  )
  const own = ['src', 'public', 'scripts'].flatMap((folder) =>
    readdirSync(path.join(app, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.\w+$/.test(file) && !IS_TESTING.test(file))
      .map((file) => `apps/mobile/${folder}/${file}`),
  )
  const wanted = digest([
    ...sources,
    ...own.sort(),
    'apps/mobile/app.json',
    'apps/mobile/index.ts',
    'pnpm-lock.yaml',
  ])
  if (existsSync(path.join(app, 'dist', 'sw.js')) && holds(stamp, wanted)) return
  say('building the field app')
  run(
    node,
    [path.join(app, 'scripts/build-web.mjs')],
    env,
    'the field app could not be built; see the errors above',
  )
  writeFileSync(stamp, wanted)
}

function sourcesOf(name) {
  const folder = `packages/${name}/src`
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:ts|js|css)$/.test(file) && !file.endsWith('.test.ts'))
    .map((file) => `${folder}/${file}`)
    .sort()
}

function manifests() {
  const nested = ['packages', 'apps', 'tooling'].flatMap((folder) =>
    readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}/package.json`),
  )
  return ['package.json', 'bench/package.json', ...nested].filter((file) => existsSync(path.join(root, file)))
}

function digest(files) {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\0`)
  for (const file of files) {
    const absolute = path.join(root, file)
    hash
      .update(`${file}\0`)
      .update(existsSync(absolute) ? readFileSync(absolute) : '')
      .update('\0')
  }
  return hash.digest('hex')
}

function holds(stamp, wanted) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
}

function run(command, args, env, failure) {
  mkdirSync(path.join(root, 'node_modules'), { recursive: true })
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (error !== undefined) throw new SetupError(`${failure} (${error.message})`)
  if (status !== 0) throw new SetupError(`${failure} (exit ${status ?? signal})`)
}
