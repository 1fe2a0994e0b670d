import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, vi } from 'vitest'

const CONFIGURATION = path.resolve(import.meta.dirname, '../../../../../deploy/ha/patroni.yml')
const USER = 'postgres'
const WAIT = { timeout: 120_000, interval: 100 }

export type PatroniNode = {
  readonly name: string
  /** Of PostgreSQL. */
  readonly port: number
  /** As the superuser. */
  readonly url: string
  start(): void
  /** Kills Patroni and PostgreSQL with -9, as where the machine is lost. */
  kill(): void
  /** `master`, `sync_standby`, `replica` and the like; undefined while it does not answer. */
  role(): Promise<string | undefined>
}

/** Two nodes with the configuration of deploy/ha, and one etcd, on this machine. */
export type PatroniCluster = AsyncDisposable & {
  readonly nodes: readonly [PatroniNode, PatroniNode]
  /** Waits until one node leads and the other is its synchronous standby. */
  settled(): Promise<{ leader: PatroniNode; standby: PatroniNode }>
}

export async function patroniCluster(): Promise<PatroniCluster> {
  await using stack = new AsyncDisposableStack()
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-patroni-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  if (process.getuid?.() === 0) execFileSync('chown', [USER, folder])
  const etcd = await startEtcd(folder)
  stack.defer(() => ended(etcd.child))
  const secrets = {
    PATRONI_ETCD3_HOSTS: etcd.address,
    PATRONI_SUPERUSER_USERNAME: 'postgres',
    PATRONI_SUPERUSER_PASSWORD: randomUUID(),
    PATRONI_REPLICATION_USERNAME: 'replicator',
    PATRONI_REPLICATION_PASSWORD: randomUUID(),
  }
  const nodes = [await node(folder, 'one', secrets), await node(folder, 'two', secrets)] as const
  for (const each of nodes) stack.defer(() => each.kill())
  const [first, second] = nodes
  first.start()
  await vi.waitFor(async () => expect(await first.role()).toBe('master'), WAIT)
  second.start()
  const started = stack.move()
  return {
    nodes,
    settled: () =>
      vi.waitFor(async () => {
        const [one, two] = await Promise.all(nodes.map((each) => each.role()))
        const isFirst = one === 'master'
        expect(isFirst ? [one, two] : [two, one]).toEqual(['master', 'sync_standby'])
        return isFirst ? { leader: first, standby: second } : { leader: second, standby: first }
      }, WAIT),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

async function startEtcd(folder: string): Promise<{ child: ChildProcess; address: string }> {
  const address = `127.0.0.1:${await freePort()}`
  const peers = `http://127.0.0.1:${await freePort()}`
  const own = `http://${address}`
  const options = {
    name: 'etcd',
    'data-dir': path.join(folder, 'etcd'),
    'listen-client-urls': own,
    'advertise-client-urls': own,
    'listen-peer-urls': peers,
    'initial-advertise-peer-urls': peers,
    'initial-cluster': `etcd=${peers}`,
  }
  const child = asUser(
    'etcd',
    Object.entries(options).map(([name, value]) => `--${name}=${value}`),
  )
  await vi.waitFor(async () => expect((await fetch(`${own}/health`)).status).toBe(200), WAIT)
  return { child, address }
}

async function node(
  folder: string,
  name: string,
  secrets: Record<'PATRONI_SUPERUSER_PASSWORD', string> & Record<string, string>,
): Promise<PatroniNode> {
  const [port, restPort] = [await freePort(), await freePort()]
  const [postgres, rest] = [`127.0.0.1:${port}`, `127.0.0.1:${restPort}`]
  const dataDir = path.join(folder, name)
  const env = {
    ...secrets,
    PATRONI_NAME: name,
    PATRONI_RESTAPI_LISTEN: rest,
    PATRONI_RESTAPI_CONNECT_ADDRESS: rest,
    PATRONI_POSTGRESQL_LISTEN: postgres,
    PATRONI_POSTGRESQL_CONNECT_ADDRESS: postgres,
    PATRONI_POSTGRESQL_DATA_DIR: dataDir,
    PATRONI_POSTGRESQL_BIN_DIR: '/usr/lib/postgresql/15/bin',
    PATRONI_POSTGRESQL_PGPASS: path.join(folder, `${name}.pgpass`),
  }
  let child: ChildProcess | undefined
  return {
    name,
    port,
    url: `postgresql://postgres:${secrets.PATRONI_SUPERUSER_PASSWORD}@${postgres}/postgres`,
    start: () => void (child = asUser('patroni', [CONFIGURATION], env)),
    kill: () => {
      const patroni = child?.pid
      child = undefined
      if (patroni === undefined) return
      for (const pid of [patroni, ...postmasterOf(dataDir)].flatMap(familyOf)) killed(pid)
    },
    role: async () => {
      const answer = await fetch(`http://${rest}/patroni`).catch(() => undefined)
      const state: unknown = (await answer?.json()) ?? {}
      const { role, sync_standby: isSynchronous } = state as { role?: string; sync_standby?: boolean }
      return isSynchronous === true ? 'sync_standby' : role
    },
  }
}

function postmasterOf(dataDir: string): number[] {
  try {
    return [Number(readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0])]
  } catch {
    return [] // It has not been started yet.
  }
}

/** A process and those that it has started. */
function familyOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
    return [pid, ...children.filter(Boolean).map(Number)]
  } catch {
    return []
  }
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended with another one.
  }
}

/** PostgreSQL refuses to be root. */
function asUser(program: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const options = { cwd: '/', stdio: 'ignore' as const, env: { PATH: process.env['PATH'], ...env } }
  const privileges = [`--reuid=${USER}`, `--regid=${USER}`, '--init-groups']
  const [command, own] = process.getuid?.() === 0 ? ['setpriv', [...privileges, program]] : [program, []]
  return spawn(command, [...own, ...args], options)
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return address !== null && typeof address === 'object' ? address.port : 0
}
