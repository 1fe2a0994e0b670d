// Builds of this project beside each other: checked out from git and set up by their own scripts, with servers and devices
// of each. They stay in .tools/ for the next run. Loopback only.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { root, tools } from '../setup/root.mjs'

/** The last build of contract 1.3.0: what is installed on phones that were not updated since. */
export const OLD_COMMIT = '4371e5b'
/**
 * The last build with separate migrations, of contract 1.4.0: it migrates a database of the old one to the state from which
 * this build continues.
 */
export const BETWEEN_COMMIT = '7149d04'

const DEVICE = path.join(import.meta.dirname, 'device.mjs')
const running = new Set()

/** The folder of a build that is checked out from git and set up. */
export function buildOf(commit) {
  const folder = path.join(tools, `compat-${commit}`)
  if (!existsSync(path.join(folder, 'package.json'))) unpack(folder, 'git', ['archive', commit])
  setUp(folder)
  return folder
}

/** The folder of a copy of this build, with what is not committed, changed by `change` before it is set up. */
export function copyOfThis(folder, change) {
  const files = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  })
  const there = files.stdout
    .toString()
    .split('\0')
    .filter((name) => name !== '' && existsSync(path.join(root, name)))
  unpack(folder, 'tar', ['-c', '--null', '-T', '-'], there.join('\0'))
  change(folder)
  setUp(folder)
  return folder
}

function unpack(folder, program, args, input) {
  mkdirSync(folder, { recursive: true })
  const archive = spawnSync(program, args, { cwd: root, input, maxBuffer: 1 << 30 })
  if (archive.status !== 0) {
    throw new Error(
      `${program} ${args.join(' ')} failed; a commit needs the whole history (git fetch --unshallow)`,
    )
  }
  const unpacked = spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout })
  if (unpacked.status !== 0) throw new Error(`could not unpack ${folder}: ${String(unpacked.stderr)}`)
}

function setUp(folder) {
  // The same version of pnpm need not be fetched again.
  for (const name of readdirSync(tools).filter((each) => each.startsWith('pnpm-'))) {
    const copy = path.join(folder, '.tools', name)
    if (!existsSync(copy)) cpSync(path.join(tools, name), copy, { recursive: true })
  }
  const { NODE_COMPILE_CACHE: _ours, ...env } = process.env
  const done = spawnSync(process.execPath, ['scripts/run.mjs', 'fieldsync', '--help'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  if (done.status !== 0) throw new Error(`could not set up ${folder}:\n${done.stdout}${done.stderr}`)
}

/** A server of a build; resolves when it is ready. */
export async function startServer(build, env) {
  const child = start(path.join(build, 'apps/server/src/main.ts'), [], {
    cwd: build,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', LOG_FORMAT: 'json', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  const ready = new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      out += chunk
      if (/"msg":"ready"/.test(out)) resolve()
    })
    child.once('exit', (code) => reject(new Error(`the server of ${build} ended with ${code}:\n${out}`)))
  })
  await ready
  const starting = out.split('\n').find((line) => line.includes('"msg":"starting"'))
  const url = JSON.parse(starting).address
  return { url, logs: () => out, stop: () => stop(child) }
}

/** Lets a device of a build do something, and resolves to the result of each act. */
export async function play(build, { url, deviceId, token, store }, ...acts) {
  const task = JSON.stringify({ build, url, deviceId, token, store, acts })
  const child = start(DEVICE, [task], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, problems] = [textOf(child.stdout), textOf(child.stderr)]
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the device of ${build} failed:\n${await problems}${await out}`)
  return JSON.parse(await out)
}

/** Ends what still runs. */
export const stopAll = () => Promise.all([...running].map(stop))

function start(program, args, options) {
  const child = spawn(process.execPath, [program, ...args], options)
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

async function textOf(stream) {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  return text
}
