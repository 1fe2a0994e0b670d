import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { runningEmbeddedPostgres } from '@fieldsync/db'
import { runProgram, startServer, type TestServer } from '@fieldsync/testkit'
import { expect, it, onTestFinished, vi } from 'vitest'

import { isRunning, logged, workerPids } from '../system/testing/fresh-connection.ts'
import { healthStatus, pulledIds, sync } from '../testing/sync-over-http.ts'

// Each starts several processes, which all load the server.
vi.setConfig({ testTimeout: 180_000 })

const TOKEN = 'pre-shared-token-of-scout-1'
const DEVICE_TOKENS = `ws_ridge/dev_scout_1=${TOKEN}`

const callerAt = ({ url }: TestServer) => ({ url, deviceId: 'dev_scout_1', token: TOKEN })

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-process-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return path.join(folder, 'data')
}

it('[RUN-54] [RUN-58] several processes have one folder and one PostgreSQL; killed, the server leaves none of them', async () => {
  const DATA_DIR = await temporaryFolder()
  const env = { DATA_DIR, DEVICE_TOKENS, WORKERS: '2' }
  {
    await using server = await startServer({ env })
    expect(await healthStatus(server.url)).toBe(200)
    expect(logged(server, 'PostgreSQL is running')).toHaveLength(1)
    expect((await sync(callerAt(server))).status).toBe(200)
    const second = await runProgram('main.ts', [], { ...env, PORT: '0' })
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`pid ${server.pid}`)

    const pids = [...workerPids(server).values()]
    expect(pids).toHaveLength(2)
    await server.kill('SIGKILL')
    await expect.poll(() => Promise.all(pids.map(isRunning)), { timeout: 20_000 }).toEqual([false, false])
    expect(await runningEmbeddedPostgres(path.join(DATA_DIR, 'postgres'))).toBeUndefined()
  }
  await using next = await startServer({ env })
  expect(logged(next, 'stopped the PostgreSQL that a killed server had left running')).toEqual([])
  expect(await pulledIds(callerAt(next))).toHaveLength(1)
  expect((await next.kill('SIGTERM')).code).toBe(0)
  expect(await runningEmbeddedPostgres(path.join(DATA_DIR, 'postgres'))).toBeUndefined()
})

it('[RUN-54] one process is one process: it starts no other but its PostgreSQL', async () => {
  await using server = await startServer({ env: { DEVICE_TOKENS } })
  const { pid } = await server.logged('PostgreSQL is running')
  const children = await readFile(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')
  expect(children.trim().split(' ')).toEqual([String(pid)])
  expect(logged(server, 'ready')[0]).not.toHaveProperty('process')
})

it('[RUN-54] says which port is taken, before anything else is started', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { code, stderr, stdout } = await runProgram('main.ts', [], {
    WORKERS: '2',
    PORT: String(Reflect.get(Object(other.address()), 'port')),
    DATA_DIR: await temporaryFolder(),
  })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^Fieldsync cannot start: 127\.0\.0\.1:\d+ is in use by another program/)
  expect(stdout).not.toContain('PostgreSQL')
})

it('[RUN-54] refuses a bad number of processes with exit code 2', async () => {
  const { code, stderr } = await runProgram('main.ts', [], { WORKERS: 'many' })
  expect(code).toBe(2)
  expect(stderr).toContain('must be a whole number from 1 to 128, or auto')
})

it('[RUN-59] gives up workers that end right after their start, with exit code 1 and nothing left', async () => {
  const DATA_DIR = await temporaryFolder()
  const bug = `import cluster from 'node:cluster'; if (cluster.isWorker) process.exit(7)`
  const { code, stdout } = await runProgram('main.ts', [], {
    WORKERS: '2',
    PORT: '0',
    LOG_FORMAT: 'json',
    DATA_DIR,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bug)}`,
  })
  expect(code).toBe(1)
  expect(stdout).toMatch(/"level":"error".*"code":7.*"nextStartMs":800.*is being started again/)
  expect(stdout).toMatch(/"level":"fatal".*"code":7.*end right after their start; the server stops/)
})
