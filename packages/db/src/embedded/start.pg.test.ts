import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { cp, glob, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { clusterProcesses } from './cluster-processes.ts'
import { connectionUrl } from './connection-url.ts'
import { runningEmbeddedPostgres, startEmbeddedPostgres } from './start.ts'
import { stopOrphan } from './stop-orphan.ts'
import type { EmbeddedPostgresEvent } from './supervise.ts'

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(text)
    return rows
  } finally {
    await client.end()
  }
}

describe('startEmbeddedPostgres', () => {
  const made = path.join(mkdtempSync(path.join(tmpdir(), 'fieldsync-embedded-')), 'postgres')
  let folder = ''
  let dataDir = ''
  beforeAll(async () => {
    await (await startEmbeddedPostgres({ dataDir: made, fast: true })).stop()
  })
  afterAll(() => rm(path.dirname(made), { recursive: true, force: true }))
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-embedded-'))
    dataDir = path.join(folder, 'postgres')
  })
  afterEach(async () => {
    await stopOrphan(dataDir)
    await rm(folder, { recursive: true, force: true })
  })

  /** A stopped cluster, copied: creating one takes ten times as long as starting it. */
  const copyTo = async (folderOfCopy: string) => {
    await cp(made, folderOfCopy, { recursive: true })
    await cp(`${made}.password`, `${folderOfCopy}.password`)
  }

  it('starts durable, asks for a password, and leaves no process when stopped', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir })
    expect(await query(postgres.superuserUrl, 'SHOW fsync')).toEqual([{ fsync: 'on' }])
    await expect(
      query(connectionUrl(postgres.superuserUrl, { password: 'wrong' }), 'SELECT 1'),
    ).rejects.toThrow('password authentication failed')
    const trusted = await query(
      postgres.superuserUrl,
      `SELECT * FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'`,
    )
    expect(trusted).toEqual([])
    expect(statSync(`${dataDir}.password`).mode & 0o777).toBe(0o600)
    await postgres.stop()
    expect(postgres.pid).toBeUndefined()
    expect(await clusterProcesses(dataDir)).toEqual([])
  })

  it('keeps data and port over a restart', async () => {
    await copyTo(dataDir)
    const first = await startEmbeddedPostgres({ dataDir, fast: true })
    await query(first.superuserUrl, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await first.stop()
    await using second = await startEmbeddedPostgres({ dataDir, fast: true })
    expect(second.port).toBe(first.port)
    expect(await query(second.superuserUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
  })

  it('comes back on the same port with its committed rows when the postmaster is killed', async () => {
    const events: EmbeddedPostgresEvent[] = []
    const back = Promise.withResolvers<void>()
    await using postgres = await startEmbeddedPostgres({
      dataDir,
      onEvent: (event) => {
        events.push(event)
        if (event.type === 'restarted') back.resolve()
      },
    })
    await query(postgres.superuserUrl, 'CREATE TABLE kept AS SELECT 42 AS answer')
    const killed = postgres.pid ?? 0
    process.kill(killed, 'SIGKILL')
    await back.promise
    expect(postgres.pid).not.toBe(killed)
    expect(await query(postgres.superuserUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
    expect(events.map((event) => event.type)).toEqual(['initialised', 'started', 'exited', 'restarted'])
    expect(events[2]).toMatchObject({ signal: 'SIGKILL' })
  })

  it('can be stopped while it waits to restart', async () => {
    await copyTo(dataDir)
    const postgres = await startEmbeddedPostgres({
      dataDir,
      fast: true,
      onEvent: (event) => {
        if (event.type === 'exited') void postgres.stop()
      },
    })
    process.kill(postgres.pid ?? 0, 'SIGKILL')
    await expect.poll(async () => clusterProcesses(dataDir), { timeout: 10_000 }).toEqual([])
    await postgres.stop()
    expect(postgres.pid).toBeUndefined()
  })

  it('stops the PostgreSQL that a killed server left running, and takes over its data', async () => {
    await copyTo(dataDir)
    const server = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `const { startEmbeddedPostgres } = await import(${JSON.stringify(path.join(import.meta.dirname, 'start.ts'))})
       const postgres = await startEmbeddedPostgres({ dataDir: process.argv[1] })
       process.stdout.write(String(postgres.pid))`,
      dataDir,
    ])
    const [pid] = await once(server.stdout, 'data').then(([text]) => [Number(String(text))])
    server.kill('SIGKILL')
    await once(server, 'exit')
    expect(await runningEmbeddedPostgres(dataDir)).toMatchObject({ pid })

    const events: EmbeddedPostgresEvent[] = []
    await using postgres = await startEmbeddedPostgres({ dataDir, onEvent: (event) => events.push(event) })
    expect(events[0]).toEqual({ type: 'orphan-stopped', pid })
    expect(postgres.pid).not.toBe(pid)
    expect(await query(postgres.superuserUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('says why PostgreSQL did not start', async () => {
    await copyTo(dataDir)
    const other = path.join(folder, 'other')
    await copyTo(other)
    await using first = await startEmbeddedPostgres({ dataDir, fast: true })
    await expect(startEmbeddedPostgres({ dataDir: other, port: first.port, fast: true })).rejects.toThrow(
      `did not start on port ${first.port}`,
    )
    expect(await clusterProcesses(other)).toEqual([])
  })

  it('says what PostgreSQL wrote into its own log when it gave up', async () => {
    await copyTo(dataDir)
    for await (const segment of glob(path.join(dataDir, 'pg_wal', '0*'))) await rm(segment)
    await expect(startEmbeddedPostgres({ dataDir, fast: true })).rejects.toThrow(
      'could not locate a valid checkpoint record',
    )
  })

  it('refuses a cluster whose password file does not fit, and leaves no process', async () => {
    await copyTo(dataDir)
    writeFileSync(`${dataDir}.password`, 'another')
    await expect(startEmbeddedPostgres({ dataDir, fast: true })).rejects.toThrow('refuses the password')
    expect(await clusterProcesses(dataDir)).toEqual([])
    await rm(`${dataDir}.password`)
    await expect(startEmbeddedPostgres({ dataDir, fast: true })).rejects.toThrow('put the file back')
  })
})
