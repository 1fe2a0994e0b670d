import { observation, playbookPatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { Runtime } from '../core/runtime.ts'
import { footprint } from '../testing/footprint.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { authenticate } from './authenticate.ts'
import { hashToken, mintToken } from './device-token.ts'

const services = await testServices()
const { runtime } = services

const by = (deviceToken?: string, bearer?: string) =>
  authenticate({ ctx: { ...services.admin, runtime }, credentials: { deviceToken, bearer } })
const refused = (code: string, reason: string, action?: string) => ({
  code,
  details: action ? { reason, action } : { reason },
})

describe('credentials', () => {
  it('[ACC-1][ACC-2][ACC-5] name the caller and its workspace, in either header or in both', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const expected = {
      kind: 'device',
      workspaceId: workspace.workspaceId,
      deviceId: 'dev_scout_1',
      role: 'scout',
    }
    for (const actor of [
      await by(alice.token),
      await by(undefined, alice.token),
      await by(alice.token, alice.token),
    ]) {
      expect(actor).toMatchObject(expected)
    }
  })

  it('[ACC-1] missing and unknown ones are distinguished', async () => {
    await expect(by()).rejects.toMatchObject(refused('AUTH_REQUIRED', 'missing', 'authenticate'))
    for (const token of ['', 'x', mintToken(), 'ü\u0000', 'x'.repeat(100_000)]) {
      await expect(by(token)).rejects.toMatchObject(refused('AUTH_REQUIRED', 'invalid', 'authenticate'))
      await expect(by(undefined, token)).rejects.toMatchObject(
        refused('AUTH_REQUIRED', 'invalid', 'authenticate'),
      )
    }
  })

  it('[ACC-2] of two both must verify, without falling back to the other', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const namesake = await (await services.workspace()).device('dev_scout_1')
    await expect(by(alice.token, 'wrong')).rejects.toMatchObject(
      refused('AUTH_REQUIRED', 'invalid', 'authenticate'),
    )
    await expect(by('wrong', alice.token)).rejects.toMatchObject(
      refused('AUTH_REQUIRED', 'invalid', 'authenticate'),
    )
    await expect(by(alice.token, bob.token)).rejects.toMatchObject(
      refused('FORBIDDEN', 'credential_mismatch'),
    )
    await expect(by(alice.token, namesake.token)).rejects.toMatchObject(
      refused('FORBIDDEN', 'credential_mismatch'),
    )
    await bob.revoke()
    await expect(by(alice.token, bob.token)).rejects.toMatchObject(
      refused('AUTH_REQUIRED', 'revoked', 're_enrol'),
    )
    await expect(by(bob.token, alice.token)).rejects.toMatchObject(
      refused('AUTH_REQUIRED', 'revoked', 're_enrol'),
    )
  })

  it('[ACC-2] are both verified where a caller with one of them is remembered', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const remembered = (deviceToken: string | undefined, bearer: string | undefined) =>
      authenticate({
        ctx: { ...services.admin, runtime },
        credentials: { deviceToken, bearer },
        fromMemory: true,
      })
    for (const { token } of [alice, bob]) await remembered(token, undefined)
    const unknown = refused('AUTH_REQUIRED', 'invalid', 'authenticate')
    await expect(remembered(alice.token, mintToken())).rejects.toMatchObject(unknown)
    await expect(remembered(mintToken(), alice.token)).rejects.toMatchObject(unknown)
    const mismatch = refused('FORBIDDEN', 'credential_mismatch')
    await expect(remembered(alice.token, bob.token)).rejects.toMatchObject(mismatch)
  })

  it('[ACC-1] of two tokens of a device one may be revoked, and the other still names it', async () => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    const { workspaceId, deviceId } = alice.actor
    const [second, { pool }] = [mintToken(), services.owner]
    await pool.query(
      'INSERT INTO device_tokens (token_hash, workspace_id, device_id, created_at) VALUES ($1, $2, $3, now())',
      [hashToken(services.pepper, second), workspaceId, deviceId],
    )
    await pool.query('UPDATE device_tokens SET revoked_at = now() WHERE token_hash = $1', [
      hashToken(services.pepper, alice.token),
    ])
    const revoked = refused('AUTH_REQUIRED', 'revoked', 're_enrol')
    await expect(by(alice.token)).rejects.toMatchObject(revoked)
    await expect(by(second, alice.token)).rejects.toMatchObject(revoked)
    expect(await by(second)).toMatchObject({ workspaceId, deviceId })
  })

  it('[ACC-3] are kept only as a keyed hash', async () => {
    const alice = await (await services.workspace()).device('dev_scout_1')
    const { rows } = await services.owner.pool.query<{ text: string }>(
      `SELECT t::text AS text FROM device_tokens t UNION ALL SELECT t::text FROM audit_entries t UNION ALL SELECT t::text FROM devices t`,
    )
    const secret = alice.token.replace(/^fsd_/, '')
    const plain = [secret, Buffer.from(alice.token).toString('hex')]
    expect(rows.length).toBeGreaterThan(2)
    for (const { text } of rows) for (const each of plain) expect(text).not.toContain(each)
    const another = new Runtime({ db: services.anotherServer().db, pepper: Buffer.alloc(32, 1) })
    await expect(
      authenticate({
        ctx: { ...services.admin, runtime: another },
        credentials: { deviceToken: alice.token, bearer: undefined },
      }),
    ).rejects.toMatchObject({ code: 'AUTH_REQUIRED' })
  })

  it('[ACC-4] a revoked device is refused from its next request on, at every server; what it synced stays', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const another = services.anotherServer()
    const atOther = (fromMemory: boolean) =>
      authenticate({
        ctx: { ...services.admin, runtime: another.runtime },
        credentials: { deviceToken: alice.token, bearer: undefined },
        fromMemory,
      })
    const seen = observation()
    await alice.push({ observations: [seen] })
    await atOther(false)
    const remembered = await atOther(true)
    await alice.revoke()
    await expect(by(alice.token)).rejects.toMatchObject(refused('AUTH_REQUIRED', 'revoked', 're_enrol'))
    await expect(atOther(false)).rejects.toMatchObject(refused('AUTH_REQUIRED', 'revoked', 're_enrol'))
    expect((await bob.pull()).downstream.observations).toEqual([seen])
    // A caller from memory is looked at again by whatever it calls.
    const before = await footprint(services, workspace.workspaceId)
    const calling = alice.at(another).as(remembered)
    const calls = [
      () => calling.pull(),
      () => calling.push({ observations: [observation()] }),
      () => calling.create(observation()),
    ]
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject(refused('AUTH_REQUIRED', 'revoked', 're_enrol'))
    }
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
  })

  it('[ACC-4] a changed role acts on the next request, also for a caller from memory', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1', 'viewer')
    const remember = () =>
      authenticate({
        ctx: { ...services.admin, runtime },
        credentials: { deviceToken: alice.token, bearer: undefined },
        fromMemory: true,
      })
    const become = (role: string) =>
      services.owner.pool.query('UPDATE devices SET role = $2, epoch = epoch + 1 WHERE workspace_id = $1', [
        workspace.workspaceId,
        role,
      ])
    await remember()
    const viewer = alice.as(await remember())
    await expect(viewer.push({ observations: [observation()] })).rejects.toMatchObject(
      refused('FORBIDDEN', 'role'),
    )
    await become('agronomist')
    expect((await viewer.push({ observations: [observation()] })).acceptedCounts.observations).toBe(1)
    expect((await viewer.patch(playbookPatch())).answer.newVersion).toBe(4)
    const agro = alice.as(await remember())
    await become('viewer')
    await expect(agro.push({ observations: [observation()] })).rejects.toMatchObject(
      refused('FORBIDDEN', 'role'),
    )
    await expect(agro.patch(playbookPatch({ baseVersion: 4 }))).rejects.toMatchObject(
      refused('FORBIDDEN', 'role'),
    )
    expect((await agro.pull()).downstream.observations).toHaveLength(1)
  })
})

describe('rights', () => {
  const record = (deviceId: string) => observation({ deviceId, updatedAt: '2026-02-11T18:00:00Z' })
  const late = {
    rawNoteText: 'Edited',
    deterministicChecksum: 'sha256:0000000e',
    updatedAt: '2026-02-12T07:00:00Z',
  }

  // One row a role: what becomes of its own record, another's new record, another's draft, a patch in a batch.
  it.each([
    ['scout', null, 'FORBIDDEN', 'FORBIDDEN', 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED'],
    ['agronomist', null, 'FORBIDDEN', null, null],
    ['admin', null, null, null, null],
  ] as const)('[ACC-8][ACC-9][ACC-10][ACC-11] of a %s', async (role, own, foreign, draft, patch) => {
    const workspace = await services.workspace()
    const me = await workspace.device('dev_me', role)
    const author = await workspace.device('dev_author')
    const theirs = record('dev_author')
    await author.push({ observations: [theirs] })
    const codeOf = async (sent: Parameters<TestDevice['push']>[0]) =>
      (await me.push(sent)).conflicts[0]?.code ?? null
    expect(await codeOf({ observations: [record('dev_me')] })).toBe(own)
    expect(await codeOf({ observations: [record('dev_author')] })).toBe(foreign)
    expect(await codeOf({ observations: [{ ...theirs, ...late }] })).toBe(draft)
    expect(await codeOf({ playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_me' })] })).toBe(patch)
    const single = me.patch(playbookPatch({ requestedByDeviceId: 'dev_me', baseVersion: patch ? 3 : 4 }))
    if (patch) await expect(single).rejects.toMatchObject(refused('FORBIDDEN', 'role'))
    else expect((await single).answer.newVersion).toBe(5)
    const outside = playbookPatch({
      requestedByDeviceId: 'dev_me',
      baseVersion: 5,
      operations: [{ op: 'replace', path: '/region', value: 'yolo_county_ca' }],
    })
    if (!patch) expect(await codeOf({ playbookPatches: [outside] })).toBe('PLAYBOOK_PATCH_PATH_NOT_ALLOWED')
  })

  it('[ACC-7] of a viewer: reads and pulls, writes nothing', async () => {
    const workspace = await services.workspace()
    const viewer = await workspace.device('dev_view', 'viewer')
    const before = await footprint(services, workspace.workspaceId)
    const mine = { deviceId: 'dev_view' }
    await expect(viewer.push({ observations: [observation(mine)] })).rejects.toMatchObject(
      refused('FORBIDDEN', 'role'),
    )
    await expect(viewer.create(observation(mine))).rejects.toMatchObject(refused('FORBIDDEN', 'role'))
    await expect(viewer.patch(playbookPatch({ requestedByDeviceId: 'dev_view' }))).rejects.toMatchObject(
      refused('FORBIDDEN', 'role'),
    )
    expect((await viewer.pull()).downstream.playbook.version).toBe(3)
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
  })

  it('[ACC-6] a batch in the name of another device is refused, and so is its pull', async () => {
    const workspace = await services.workspace()
    const admin = await workspace.device('dev_admin', 'admin')
    const before = await footprint(services, workspace.workspaceId)
    await expect(admin.pushAs('dev_scout_1', { observations: [observation()] })).rejects.toMatchObject(
      refused('FORBIDDEN', 'device_mismatch'),
    )
    await expect(admin.pushAs('dev_scout_1', {})).rejects.toMatchObject(
      refused('FORBIDDEN', 'device_mismatch'),
    )
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
  })
})
