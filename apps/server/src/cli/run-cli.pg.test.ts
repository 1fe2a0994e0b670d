import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { testDatabase } from '@fieldsync/testkit'
import pg from 'pg'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { runCommandLine } from '../testing/run-command-line.ts'

let environment: Record<string, string>
let superuserUrl: string

beforeAll(async () => {
  const database = await testDatabase()
  superuserUrl = database.superuserUrl
  environment = { DATABASE_URL: database.appUrl, PEPPER: 'a pepper of at least 32 characters.' }
})

const run = (line: string, input?: string, answered?: string) =>
  runCommandLine(environment, line, { input, answered })

const json = async (line: string): Promise<unknown> => JSON.parse((await run(`${line} --json`)).out)

/** As if the device had enrolled: with a key that it has used, or one that waits. */
async function useKey(workspaceId: string, deviceId: string, isConfirmed = true): Promise<void> {
  const superuser = new pg.Client(superuserUrl)
  await superuser.connect()
  const at = isConfirmed ? new Date() : null
  await superuser.query(
    `INSERT INTO device_keys (workspace_id, device_id, thumbprint, public_jwk, created_at, confirmed_at, first_used_at)
       VALUES ($1, $2, $3, '{}', now(), $4, $4)`,
    [workspaceId, deviceId, 'A'.repeat(43), at],
  )
  await superuser.end()
}

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

  it('[WSP-1][WSP-2][WSP-4] shows settings and changes them', async () => {
    await run('workspace create ws_g')
    await run('device create ws_g dev_boss --role admin')
    const defaults = { version: 0, confirmKeys: false, deviceTokens: { mode: 'allowed' } }
    expect(await json('workspace settings ws_g')).toMatchObject({ workspaceId: 'ws_g', ...defaults })
    const shown = (await run('workspace settings ws_g')).out
    expect(shown).toContain('the defaults')
    expect(shown).toContain('1 device with a token, 1 admin among them')
    expect(shown).toContain('device list ws_g --credential token')
    expect(await json('workspace settings set ws_g --confirm-keys on')).toMatchObject({
      version: 1,
      confirmKeys: true,
      changed: true,
    })
    expect((await run('workspace settings set ws_g --confirm-keys on')).out).toContain('already')
    const refused = await run('workspace settings set ws_g --device-tokens refused')
    expect(refused).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('enroll the device of an admin'),
    })
    await useKey('ws_g', 'dev_boss')
    const until = 'workspace settings set ws_g --device-tokens until:2099-03-01'
    expect(await json(until)).toMatchObject({
      version: 2,
      deviceTokens: { mode: 'until', until: '2099-03-01T00:00:00.000Z' },
    })
    expect((await run('workspace settings ws_g')).out).toMatch(
      /version 2, changed .* by the operator\n.*on\n.*off\n.*allowed until 2099-03-01 00:00Z/,
    )
    expect((await run('workspace settings set ws_g --device-tokens refused')).out).toMatch(
      /tokens {2}refused/,
    )
    for (const wrong of [
      '',
      ' --confirm-keys maybe',
      ' --device-tokens until:soon',
      ' --device-tokens until:2099-02-30',
    ])
      expect((await run(`workspace settings set ws_g${wrong}`)).exitCode).toBe(2)
    expect((await run('workspace settings ws_none')).exitCode).toBe(3)
    expect((await run('device create ws_g dev_two')).err).toContain('enroll with a key')
  })

  it('[ENR-5][OPS-44] lists devices by what they call with, and confirms a key', async () => {
    await run('workspace create ws_h')
    await run('device create ws_h dev_token --role scout')
    await run('device create ws_h dev_waiting --role scout')
    await useKey('ws_h', 'dev_waiting', false)
    const listed = async (kind: string) =>
      ((await json(`device list ws_h --credential ${kind}`)) as { deviceId: string }[]).map(
        ({ deviceId }) => deviceId,
      )
    expect(await listed('token')).toEqual(['dev_token', 'dev_waiting'])
    expect(await listed('unconfirmed')).toEqual(['dev_waiting'])
    expect((await run('device list ws_h')).out).toContain('(to be confirmed), token')
    expect((await run('device list ws_h --credential key')).out).toContain('No device of ws_h')
    expect((await run(`device confirm-key ws_h dev_waiting ${'B'.repeat(8)}`)).exitCode).toBe(3)
    expect((await run('device confirm-key ws_h dev_waiting AAAA')).exitCode).toBe(3)
    expect(await json(`device confirm-key ws_h dev_waiting ${'A'.repeat(8)}`)).toMatchObject({
      keyFingerprint: 'A'.repeat(43),
    })
    expect(await listed('key')).toEqual(['dev_waiting'])
  })

  it('[RUN-23][OPS-47][WIP-6] wipes a device once a person says so, and calls that off', async () => {
    await run('workspace create ws_w')
    await run('device create ws_w dev_one --role scout')
    expect(await run('device wipe ws_w dev_one')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('--yes'),
    })
    expect(await json('device list ws_w')).toMatchObject([{ revokedAt: null, wipe: null }])
    expect(await run('device wipe ws_w dev_one', '', 'n')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('Nothing was changed'),
    })
    expect((await run('device wipe ws_w dev_one', '', 'yes')).out).toContain('is to be wiped')
    expect(await json('device wipe ws_w dev_one')).toMatchObject({
      alreadyRequested: true,
      acknowledgedAt: null,
    })
    expect((await run('device list ws_w')).out).toContain('to be wiped')
    expect((await run('device readmit ws_w dev_one')).err).toContain('cancelWipe')
    expect((await run('device enroll ws_w dev_one')).exitCode).toBe(1)
    expect((await run('device readmit ws_w dev_one --cancel-wipe')).exitCode).toBe(0)
    expect(await json('device list ws_w')).toMatchObject([{ revokedAt: null, wipe: null }])
    expect((await run('device wipe ws_w dev_none --yes')).exitCode).toBe(3)
    expect((await run('device wipe ws_w dev_one --yes')).exitCode).toBe(0)
    expect((await run('device enroll ws_w dev_one --cancel-wipe')).exitCode).toBe(0)
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

  it('[RUN-10][SVC-1] creates services, prints a secret once, rotates, grants, lists and revokes them', async () => {
    await run('workspace create ws_s')
    await run('device create ws_s dev_one')
    expect((await run('service list ws_s')).out).toContain('no services yet')
    const made = await run('service create ws_s dev_svc_import --scope sync read --device dev_one')
    expect(made.out).toMatch(/ws_s\/dev_svc_import/)
    expect(made.out).toMatch(/^fss_\S{43}$/m)
    expect(await json('service rotate ws_s dev_svc_import --now')).toMatchObject({
      previous: 'ended',
      keyFingerprint: null,
      clientSecret: expect.stringMatching(/^fss_/),
    })
    expect(await json('service grant ws_s dev_svc_import --scope read weather:live --no-devices')).toEqual({
      workspaceId: 'ws_s',
      serviceId: 'dev_svc_import',
      scopes: ['read', 'weather:live'],
      deviceIds: [],
      changed: true,
    })
    const { out } = await run('service list ws_s')
    expect(out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
      ['SERVICE', 'SCOPES', 'WRITES FOR', 'CREDENTIAL'],
      ['dev_svc_import', 'read weather:live', 'no device', 'secret'],
    ])
    expect((await run('device list ws_s')).out).not.toContain('dev_svc_')
    expect((await run('device revoke ws_s dev_svc_import')).exitCode).toBe(3)
    expect((await run('service revoke ws_s dev_svc_import')).out).toContain('next request is refused')
    expect((await run('service rotate ws_s dev_svc_import')).exitCode).toBe(1)
    expect((await run('service create ws_s dev_other --scope read')).exitCode).toBe(2)
    expect((await run('service create ws_s dev_svc_other --scope admin')).exitCode).toBe(2)
    expect((await run('service create ws_s dev_svc_other --scope read --device dev_nobody')).exitCode).toBe(3)
  })

  it('[RUN-10][SVC-1] makes a key for a service in a file of its own, or takes the one that it has', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-service-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = path.join(folder, 'key.json')
    await run('workspace create ws_k')
    const made = await run(`service create ws_k dev_svc_one --scope read --new-key ${file}`)
    expect(made.out).toContain(file)
    expect(made.out).not.toContain('secret')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const jwk: unknown = JSON.parse(await readFile(file, 'utf8'))
    expect(jwk).toMatchObject({ kty: 'EC', crv: 'P-256', d: expect.any(String) })
    expect(made.out).not.toContain((jwk as { d: string }).d)
    // Whose key is there already is not overwritten, and one that was made for nothing is removed.
    expect((await run(`service rotate ws_k dev_svc_one --new-key ${file}`)).exitCode).toBe(2)
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(jwk)
    const unused = path.join(folder, 'unused.json')
    expect((await run(`service rotate ws_k dev_svc_none --new-key ${unused}`)).exitCode).toBe(3)
    expect(existsSync(unused)).toBe(false)
    const other = await json(`service create ws_k dev_svc_two --scope read --public-key ${file}`)
    const [one] = (await json('service list ws_k')) as { authentication: { keyFingerprint: string }[] }[]
    expect(other).toMatchObject({ keyFingerprint: one?.authentication[0]?.keyFingerprint })
    expect((await run(`service rotate ws_k dev_svc_one --public-key ${file}`)).exitCode).toBe(1)
    await writeFile(unused, '{}')
    expect((await run(`service rotate ws_k dev_svc_one --public-key ${unused}`)).exitCode).toBe(2)
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
