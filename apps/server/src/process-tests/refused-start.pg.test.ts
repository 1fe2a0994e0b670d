import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { connectionUrl } from '@fieldsync/db'
import { runProgram, startServer, testDatabase } from '@fieldsync/testkit'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { healthStatus, pulledIds, sync } from '../testing/sync-over-http.ts'

const TOKEN = 'pre-shared-token-of-scout-1'
const DEVICE = { deviceId: 'dev_scout_1', token: TOKEN }
const DEVICE_TOKENS = `ws_ridge/dev_scout_1=${TOKEN}`

describe('a start that cannot succeed', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>
  beforeAll(async () => {
    database = await testDatabase()
  })

  it('[RUN-1] ends with exit code 2 and all bad variables for bad values', async () => {
    const { code, stderr, stdout } = await runProgram('main.ts', [], {
      PORT: 'x',
      DEVICE_TOKENS: 'canary',
      LOG_LEVEL: 'y',
    })
    expect(code).toBe(2)
    expect(stderr).toMatch(/3 environment variables are not usable:\n {2}\S+ +.*\n {2}\S+ +.*\n {2}\S+ +.*\n/)
    expect(stderr + stdout).not.toContain('canary')
  })

  it('[RUN-2] is refused on a data folder in use, naming folder and process; a killed server does not refuse', async () => {
    await using first = await startServer({ env: { DEVICE_TOKENS } })
    const env = { DATA_DIR: first.dataDir, PORT: '0', DEVICE_TOKENS }
    const second = await runProgram('main.ts', [], env)
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(first.dataDir)
    expect(second.stderr).toContain(`pid ${first.pid}`)
    expect(await healthStatus(first.url)).toBe(200)

    expect((await sync({ ...DEVICE, url: first.url })).status).toBe(200)
    await first.kill('SIGKILL')
    await using next = await startServer({ env })
    expect(await pulledIds({ ...DEVICE, url: next.url })).toHaveLength(1)
  })

  it('says which port is taken, before anything else is started', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-process-'))
    const { code, stderr, stdout } = await runProgram('main.ts', [], {
      PORT: String(Reflect.get(Object(other.address()), 'port')),
      DATA_DIR: path.join(folder, 'data'),
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Fieldsync cannot start: 127\.0\.0\.1:\d+ is in use by another program/)
    expect(stdout).not.toContain('PostgreSQL')
    await rm(folder, { recursive: true })
  })

  it('says which folder cannot be written', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-process-'))
    const file = path.join(folder, 'file')
    await writeFile(file, '')
    const { code, stderr } = await runProgram('main.ts', [], { PORT: '0', DATA_DIR: file })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Fieldsync cannot start: .*file is a file, not a folder .*DATA_DIR\n$/)
    await rm(folder, { recursive: true })
  })

  it('says that a database refuses the password, and not which', async () => {
    const { code, stderr, stdout } = await runProgram('main.ts', [], {
      PORT: '0',
      PEPPER: 'a pepper of at least 32 characters.',
      DATABASE_URL: connectionUrl(database.appUrl, { password: 'canary-password' }),
    })
    expect(code).toBe(1)
    expect(stderr).toContain('the database of DATABASE_URL cannot be used: password authentication failed')
    expect(stderr + stdout).not.toContain('canary')
  })
})
