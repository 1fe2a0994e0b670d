import { testDatabase } from '@fieldsync/testkit'
import pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'

import type { CommandIo } from './io.ts'
import { runCli } from './run-cli.ts'

let environment: Record<string, string>
let superuserUrl: string

beforeAll(async () => {
  const database = await testDatabase()
  superuserUrl = database.superuserUrl
  environment = { DATABASE_URL: database.appUrl, PEPPER: 'a pepper of at least 32 characters.' }
})

async function run(line: string, input = '') {
  const printed = { out: '', err: '' }
  const io: CommandIo = {
    out: (text) => void (printed.out += text),
    err: (text) => void (printed.err += text),
    status: () => undefined,
    watched: false,
    readInput: () => Promise.resolve(input),
    untilInterrupted: () => Promise.resolve(),
  }
  const exitCode = await runCli(line.split(' '), environment, io)
  return { exitCode, ...printed }
}

const json = async (line: string): Promise<unknown> => JSON.parse((await run(`${line} --json`)).out)

describe('command line on a database', () => {
  it('[RUN-10] says what to do next while there is nothing', async () => {
    expect(await run('workspace list')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('workspace create'),
    })
    expect(await json('workspace list')).toEqual([])
    expect((await run('audit verify')).exitCode).toBe(0)
  })

  it('[RUN-10] makes workspaces and lists them', async () => {
    expect((await run('workspace create ws_a --time-zone Europe/Paris')).out).toContain('device create ws_a')
    expect(await json('workspace list')).toMatchObject([
      { workspaceId: 'ws_a', timeZone: 'Europe/Paris', devices: 0 },
    ])
    const { out } = await run('workspace list')
    expect(out.split('\n')[0]).toMatch(/^WORKSPACE +NAME +TIME ZONE +DEVICES +CREATED$/)
    expect((await run('device list ws_a')).out).toContain('no devices yet')
  })

  it('[RUN-10] makes devices, prints the token once, lists and revokes them', async () => {
    await run('workspace create ws_b')
    const made = await run('device create ws_b dev_one --role scout')
    const token = /^fsd_\S{43}$/m.exec(made.out)?.[0]
    expect(token).toBeDefined()
    expect(await json('device create ws_b dev_two')).toMatchObject({
      role: 'agronomist',
      token: expect.stringMatching(/^fsd_/),
    })
    const given = await run('device create ws_b dev_three --token-stdin', 'canary-token-of-mine\n')
    expect(given).toMatchObject({ exitCode: 0, err: '' })
    expect(given.out).not.toContain('canary')

    expect((await run('device revoke ws_b dev_two')).exitCode).toBe(0)
    expect(await json('device revoke ws_b dev_two')).toMatchObject({ alreadyRevoked: true })
    const listed = await run('device list ws_b')
    expect(listed.out.split('\n').map((line) => line.split(/ +/).slice(0, 2))).toEqual([
      ['DEVICE', 'ROLE'],
      ['dev_one', 'scout'],
      ['dev_three', 'agronomist'],
      ['dev_two', 'agronomist'],
    ])
    expect(listed.out).not.toContain(token)
  })

  it('[RUN-10] changes roles, reissues tokens and readmits devices', async () => {
    await run('workspace create ws_e')
    await run('device create ws_e dev_one --role scout')
    expect(await json('device set-role ws_e dev_one --role viewer')).toEqual({
      workspaceId: 'ws_e',
      deviceId: 'dev_one',
      role: 'viewer',
      previousRole: 'scout',
      changed: true,
    })
    expect((await run('device set-role ws_e dev_one --role viewer')).out).toContain('already')
    expect((await run('device set-role ws_e dev_one')).exitCode).toBe(2)
    const reissued = await run('device reissue-token ws_e dev_one')
    expect(reissued.out).toMatch(/^fsd_\S{43}$/m)
    expect(reissued.out).toContain('end when it is first used')
    expect(await json('device reissue-token ws_e dev_one --now')).toMatchObject({
      previousTokens: 'ended',
      token: expect.stringMatching(/^fsd_/),
    })
    expect((await run('device readmit ws_e dev_one')).exitCode).toBe(1)
    await run('device revoke ws_e dev_one')
    expect((await run('device set-role ws_e dev_one --role scout')).err).toContain('readmit it first')
    const given = await run(
      'device readmit ws_e dev_one --role scout --token-stdin',
      'canary-token-of-mine-2\n',
    )
    expect(given).toMatchObject({ exitCode: 0, err: '' })
    expect(given.out).not.toContain('canary')
    expect(await json('device list ws_e')).toMatchObject([{ role: 'scout', revokedAt: null }])
  })

  it('[RUN-10][ENR-1] lets a device enroll, by a code in a link to the given server', async () => {
    await run('workspace create ws_f')
    const opened = await json(
      'device enroll ws_f dev_one --role scout --server https://sync.example.com/ --minutes 60',
    )
    expect(opened).toMatchObject({ workspaceId: 'ws_f', deviceId: 'dev_one', role: 'scout' })
    const { code, link } = opened as { code: string; link: string }
    expect(link).toBe(`https://sync.example.com/app/#enroll=${code}`)
    const shown = await run('device enroll ws_f dev_one')
    expect(shown.out).toMatch(/^ {2}console {4}http:\/\/127\.0\.0\.1:8787\/#enroll=[0-9A-Z-]{30}$/m)
    expect(shown.out).toMatch(/^ {2}field app {2}http:\/\/127\.0\.0\.1:8787\/app\/#enroll=[0-9A-Z-]{30}$/m)
    expect((await run('device enroll ws_f dev_one --minutes 0')).exitCode).toBe(2)
    expect((await run('device enroll ws_f dev_one --server sync.example.com')).exitCode).toBe(2)
    expect((await run('device enroll ws_f dev_svc_one')).err).toContain('dev_svc_')
    expect((await run('device enroll ws_none dev_one')).exitCode).toBe(3)
  })

  it('[RUN-10] exit code 3 for what is not there, 1 for what exists, 2 for a wrong value', async () => {
    await run('workspace create ws_c')
    await run('device create ws_c dev_one')
    expect((await run('device list ws_none')).exitCode).toBe(3)
    expect((await run('device create ws_none dev_one')).exitCode).toBe(3)
    expect((await run('device revoke ws_c dev_none')).exitCode).toBe(3)
    expect((await run('audit verify ws_none')).exitCode).toBe(3)
    expect((await run('workspace create ws_c')).exitCode).toBe(1)
    expect((await run('device create ws_c dev_one')).exitCode).toBe(1)
    expect((await run('workspace create ws_mars --time-zone Mars')).exitCode).toBe(2)
  })

  it('[RUN-10] audit verify: exit code 0 for whole chains, 1 naming the row of a broken one', async () => {
    await run('workspace create ws_d')
    await run('device create ws_d dev_one')
    expect((await run('audit verify')).exitCode).toBe(0)
    const client = new pg.Client(superuserUrl)
    await client.connect()
    await client.query('SET session_replication_role = replica')
    await client.query(
      `UPDATE audit_entries SET body = replace(body, 'dev_one', 'dev_two') WHERE workspace_id = 'ws_d' AND seq = 2`,
    )
    await client.end()
    const broken = await run('audit verify ws_d')
    expect(broken.exitCode).toBe(1)
    expect(broken.out).toMatch(/ws_d +BROKEN +1 +\S.*\b2\b/)
    expect(await json('audit verify')).toContainEqual(
      expect.objectContaining({ workspaceId: 'ws_d', ok: false, seq: 2 }),
    )
    expect((await run('audit verify ws_c')).exitCode).toBe(0)
  })

  it('[RUN-10] exit code 4 for a database that is away or not set up, 2 without the pepper', async () => {
    const whole = environment
    try {
      environment = { ...whole, DATABASE_URL: 'postgresql://app:canary@127.0.0.1:1/x' }
      const away = await run('workspace list')
      expect(away).toMatchObject({ exitCode: 4, err: expect.stringContaining('cannot be reached') })
      expect(away.err).not.toContain('canary')
      environment = { DATABASE_URL: whole['DATABASE_URL'] ?? '', SECRETS_DIR: '/nonexistent' }
      expect(await run('device create ws_c dev_four')).toMatchObject({
        exitCode: 2,
        err: expect.stringContaining('pepper'),
      })
      const { ownerUrl } = await testDatabase({ empty: true })
      environment = { ...whole, DATABASE_URL: ownerUrl }
      expect(await run('workspace list')).toMatchObject({
        exitCode: 4,
        err: expect.stringContaining('start the server once'),
      })
    } finally {
      environment = whole
    }
  })
})
