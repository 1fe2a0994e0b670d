import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import { SyncBatchResponse } from '@fieldsync/contracts'
import { runProgram, startServer } from '@fieldsync/testkit'
import { expect, it, onTestFinished } from 'vitest'

import { runCommand } from '../testing/client-devices.ts'
import { type ServerInTerminal, serverInTerminal } from '../testing/server-in-terminal.ts'
import { healthStatus } from '../testing/sync-over-http.ts'

const run = promisify(execFile)

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-process-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A curl line as parsed by the shell: its arguments, without sending anything. */
async function argumentsOf(curlLine: string): Promise<string[]> {
  const { stdout } = await run('sh', ['-c', `curl() { printf '%s\\n' "$@"; }\n${curlLine}`])
  return stdout.trimEnd().split('\n')
}

it('[RUN-1] [RUN-7] the first start makes a demo whose curl line works when pasted; a later start keeps it', async () => {
  const dataDir = path.join(await temporaryFolder(), 'data')
  let token = ''
  {
    await using server = await startServer({ env: { DATA_DIR: dataDir } })
    expect(await healthStatus(server.url)).toBe(200)
    await expect.poll(() => server.logs()).toContain('--help')
    expect(server.logs()).toContain(`${server.url}/docs`)
    const line = /^curl .*$/m.exec(server.logs())?.[0] ?? ''
    const [, address = '', , tokenHeader = '', , keyHeader = '', , typeHeader = '', , body = ''] =
      await argumentsOf(line)
    const headers = [tokenHeader, keyHeader, typeHeader].map(
      (header) => header.split(': ') as [string, string],
    )
    token = headers[0]?.[1] ?? ''
    const paste = () => fetch(address, { method: 'POST', headers, body })

    const answer = await paste()
    expect(answer.status).toBe(200)
    expect(SyncBatchResponse.parse(await answer.json())).toMatchObject({
      acceptedCounts: { observations: 1 },
      conflicts: [],
    })
    expect((await paste()).headers.get('idempotency-replayed')).toBe('true')

    const { code } = await server.kill('SIGTERM')
    expect(code).toBe(0)
  }
  {
    await using server = await startServer({ env: { DATA_DIR: dataDir } })
    expect(server.logs()).not.toContain('curl')
    const response = await fetch(`${server.url}/v1/observations`, { headers: { 'x-device-token': token } })
    expect(await response.json()).toHaveLength(1)
  }
})

const LINK = /^ {2}(http\S+)\/accept#(\S+)$/m

it('[RUN-25] in a terminal, each start prints one link to the console until an administrator has used one', async () => {
  const DATA_DIR = path.join(await temporaryFolder(), 'data')
  const codeOf = async (server: ServerInTerminal) => {
    await expect.poll(() => server.shown()).toMatch(LINK)
    const [, address, code = ''] = LINK.exec(server.shown()) ?? []
    expect(address).toBe(server.url)
    const logged = server
      .shown()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    expect(logged.join('\n')).not.toContain(code)
    return code
  }
  const accept = (url: string, code: string) =>
    fetch(`${url}/auth/accept`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({
        code,
        name: 'Ana',
        email: 'ana@example.com',
        password: 'a long enough password',
      }),
    })
  let unused = ''
  {
    await using server = await serverInTerminal({ DATA_DIR })
    unused = await codeOf(server)
  }
  {
    await using server = await serverInTerminal({ DATA_DIR })
    const { url } = server
    const code = await codeOf(server)
    expect((await accept(url, unused)).status).toBe(410)
    const accepted = await accept(url, code)
    expect([accepted.status, await accepted.json()]).toEqual([200, { ok: true, workspaceId: 'ws_demo' }])
    const [cookie = ''] = accepted.headers.getSetCookie()[0]?.split(';') ?? []
    const session = await fetch(`${url}/v1/session`, { headers: { cookie } })
    expect(await session.json()).toMatchObject({ role: 'admin', workspace: { workspaceId: 'ws_demo' } })
  }
  const last = await serverInTerminal({ DATA_DIR })
  await last[Symbol.asyncDispose]()
  expect(last.shown()).not.toContain('/accept#')
})

it('[RUN-25] without a terminal a start prints no link, and says how to get one', async () => {
  await using server = await startServer({})
  await expect.poll(() => server.logs()).toContain('--help')
  expect(server.logs()).toContain('user create-admin ws_demo')
  expect(server.logs()).not.toContain('/accept#')
})

it('[RUN-5] [RUN-6] secrets lie in files for the server alone; a pepper given by the environment in none', async () => {
  const folder = await temporaryFolder()
  const secrets = path.join(folder, 'elsewhere')
  await using server = await startServer({ env: { SECRETS_DIR: secrets } })
  const files = await readdir(secrets)
  expect(files.sort()).toEqual(['checkpoint-key', 'pepper', 'postgres-app', 'postgres-owner'])
  for (const file of files) expect((await stat(path.join(secrets, file))).mode & 0o777).toBe(0o600)
  expect((await stat(server.dataDir)).mode & 0o077).toBe(0)

  const given = path.join(folder, 'given')
  await using other = await startServer({
    env: { SECRETS_DIR: given, PEPPER: 'a pepper of at least 32 characters.' },
  })
  expect(await readdir(given)).not.toContain('pepper')
  // Without that pepper the command line must not create a token that would never verify.
  const env = { DATA_DIR: other.dataDir, SECRETS_DIR: given }
  const refused = await runProgram('cli/main.ts', ['device', 'create', 'ws_demo', 'dev_two'], env)
  expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('pepper') })
})

it('[RUN-10] the command line makes the database of a new folder by itself, and leaves nothing running', async () => {
  const env = { DATA_DIR: path.join(await temporaryFolder(), 'data') }
  const cli = (...args: string[]) => runCommand(args, env)
  expect(await cli('workspace', 'list')).toMatchObject({ code: 4, stdout: '' })
  expect(await cli('workspace', 'create', 'ws_ridge')).toMatchObject({ code: 0, stderr: '' })
  const made = await cli('device', 'create', 'ws_ridge', 'dev_one', '--json')
  const { token } = JSON.parse(made.stdout) as { token: string }
  await expect(stat(path.join(env.DATA_DIR, 'postgres', 'postmaster.pid'))).rejects.toThrow('ENOENT')

  await using server = await startServer({ env })
  expect(server.logs()).not.toContain('ws_demo')
  const response = await fetch(`${server.url}/v1/playbooks`, { headers: { 'x-device-token': token } })
  expect(await response.json()).toMatchObject([{ playbookId: 'pbk_yolo_grape', version: 3 }])
})
