import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import pg from 'pg'

// As Debian installs them; see scripts/setup/installed-postgres.mjs.
const BIN = '/usr/lib/postgresql/15/bin'
const PGBOUNCER = '/usr/sbin/pgbouncer'
const USER = 'postgres'

/** A PostgreSQL 15 of its own, with every program that belongs to it. Trusts everyone who connects. */
export type InstalledPostgres = AsyncDisposable & {
  readonly port: number
  /** A superuser's. */
  readonly url: string
  start(): Promise<void>
  /** Kills it with all its processes, at once. */
  kill(): Promise<void>
  /** Makes a standby the primary. */
  promote(): void
  /** Replaces all that it has, which may be nothing of worth, by a copy of a primary, and follows that as its standby. */
  rejoin(primary: InstalledPostgres): Promise<void>
}

/** Makes a cluster with these lines in its configuration, and starts it. */
export async function installedPostgres(configuration = ''): Promise<InstalledPostgres> {
  const folder = ownFolder()
  run(`${BIN}/initdb`, ['-D', dataIn(folder), '-U', USER, '--auth=trust', '-E', 'UTF8', '--no-sync'])
  const cluster = await prepared(folder, `${configuration}\nunix_socket_directories = ''`)
  await cluster.start()
  return cluster
}

/** Copies a primary as its streaming standby, and starts that. */
export async function installedStandby(primary: InstalledPostgres): Promise<InstalledPostgres> {
  const folder = ownFolder()
  copyOf(primary, dataIn(folder))
  const standby = await prepared(folder, `cluster_name = 'standby'\nsynchronous_standby_names = ''`)
  await standby.start()
  return standby
}

const copyOf = (primary: InstalledPostgres, dataDir: string): Buffer =>
  run(`${BIN}/pg_basebackup`, ['-D', dataDir, '-d', primary.url, '-R', '-c', 'fast', '--no-sync'])

/** A PgBouncer for these users in front of a port, with its default settings but for these lines. */
export async function pgBouncer(
  target: number,
  users: readonly string[],
  settings: string,
): Promise<AsyncDisposable & { readonly port: number; log(): string }> {
  const folder = ownFolder()
  const port = await freePort()
  const file = path.join(folder, 'pgbouncer.ini')
  writeFileSync(path.join(folder, 'users.txt'), users.map((user) => `"${user}" ""\n`).join(''))
  writeFileSync(
    file,
    `[databases]\n* = host=127.0.0.1 port=${target}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\n` +
      `unix_socket_dir =\nauth_type = trust\n` +
      `auth_file = ${path.join(folder, 'users.txt')}\n${settings}\n`,
  )
  const child = asUser(PGBOUNCER, [file])
  let printed = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed += text))
  await until(() => accepts(port), child)
  return {
    port,
    log: () => printed,
    [Symbol.asyncDispose]: async () => {
      await ended(child, 'SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function prepared(folder: string, configuration: string): Promise<InstalledPostgres> {
  const dataDir = dataIn(folder)
  const port = await freePort()
  const configure = (): void =>
    appendFileSync(path.join(dataDir, 'postgresql.conf'), `\nport = ${port}\nfsync = off\n${configuration}\n`)
  configure()
  const url = `postgresql://${USER}@127.0.0.1:${port}/postgres`
  let child: ChildProcess | undefined
  const kill = async (): Promise<void> => {
    if (!child) return
    const postmaster = Number(readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0])
    for (const pid of [postmaster, ...childrenOf(postmaster)]) process.kill(pid, 'SIGKILL')
    await ended(child, 'SIGKILL')
    child = undefined
    rmSync(path.join(dataDir, 'postmaster.pid'))
  }
  const start = async (): Promise<void> => {
    child = asUser(`${BIN}/postgres`, ['-D', dataDir])
    await until(() => takesConnections(url), child)
  }
  return {
    port,
    url,
    start,
    kill,
    promote: () => void run(`${BIN}/pg_ctl`, ['-D', dataDir, 'promote', '-w']),
    rejoin: async (primary) => {
      await kill()
      rmSync(dataDir, { recursive: true })
      copyOf(primary, dataDir)
      configure()
      await start()
    },
    [Symbol.asyncDispose]: async () => {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const dataIn = (folder: string): string => path.join(folder, 'data')

/** PostgreSQL and PgBouncer refuse to be root. */
function commandOf(program: string, args: readonly string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, [...args]]
  return ['setpriv', [`--reuid=${USER}`, `--regid=${USER}`, '--init-groups', program, ...args]]
}

function ownFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-installed-'))
  if (process.getuid?.() === 0) execFileSync('chown', [USER, folder])
  return folder
}

const run = (program: string, args: readonly string[]): Buffer =>
  execFileSync(...commandOf(program, args), { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })

const asUser = (program: string, args: readonly string[]): ChildProcess =>
  spawn(...commandOf(program, args), { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}

async function until(ready: () => Promise<boolean>, child: ChildProcess): Promise<void> {
  let printed = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed = (printed + text).slice(-2000)))
  while (!(await ready())) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${printed}`)
    await delay(20)
  }
}

async function takesConnections(url: string): Promise<boolean> {
  const client = new pg.Client(url)
  client.on('error', () => undefined)
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end()
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return address !== null && typeof address === 'object' ? address.port : 0
}
