import { PlaybookContent, PlaybookVersionRecord } from '@fieldsync/contracts'
import { canonicalRecord, combineDigests, recordDigest } from '@fieldsync/domain'
import { altered, playbookPatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { listAudit } from '../audit/list.ts'
import { verifyAudit } from '../audit/verify.ts'
import { sha256 } from '../core/json-text.ts'
import { footprint } from '../testing/footprint.ts'
import { holdWrites } from '../testing/gate.ts'
import { content, INSTRUCTIONS, Publisher, pulledPlaybooks, STARTER } from '../testing/publishing.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { getPlaybook } from './get.ts'
import { listPlaybooks, listPlaybookVersions } from './list.ts'

const services = await testServices()

async function farm() {
  const workspace = await services.workspace()
  const admin = await workspace.device('dev_admin', 'admin')
  const agro = await workspace.device('dev_agro_1', 'agronomist')
  const phone = await workspace.device('dev_phone')
  return { workspace, workspaceId: workspace.workspaceId, admin, agro, phone, by: new Publisher(admin) }
}

const versionsOf = async (device: TestDevice) =>
  (await listPlaybookVersions({ ctx: device.ctx(), input: { playbookId: STARTER } })).items
    .toJSON()
    .map((each) => PlaybookVersionRecord.parse(each))
const patchOf = (baseVersion: number) => playbookPatch({ requestedByDeviceId: 'dev_agro_1', baseVersion })

describe('what is published', () => {
  it('[PUB-1, PUB-8, OPS-80] a new playbook reaches every device with its next pull, and its audit says why', async () => {
    const { admin, phone, by } = await farm()
    const before = await phone.pull()
    expect(await by.create()).toEqual({
      playbookId: 'pbk_new',
      kind: 'creation',
      oldVersion: null,
      newVersion: 1,
      publishedAt: services.clock.now().toISOString(),
    })
    const after = await phone.pull(before.serverCursor)
    const updatedAt = services.clock.now().toISOString()
    const made = { ...content('New.', 'pbk_new'), version: 1, updatedAt }
    expect(after.downstream.playbooks).toEqual([made])
    expect(after.downstream.stateHash).not.toBe(before.downstream.stateHash)
    const { items } = await listAudit({ ctx: admin.ctx(), input: { limit: 1 } })
    expect(items.toJSON()).toMatchObject([
      {
        action: 'playbooks.create',
        reason: 'For the new block',
        actor: { deviceId: 'dev_admin' },
        target: { type: 'playbook', id: 'pbk_new' },
        change: {
          kind: 'create',
          beforeSha256: null,
          paths: [''],
          edit: { patchId: null, reason: 'For the new block', oldVersion: null, newVersion: 1 },
        },
      },
    ])
  })

  it('[PUB-2, PUB-3, PUB-4, PUB-7, PUB-8, OPS-27, OPS-81, OPS-82, OPS-83] a version is the whole document; the history says who, why and how', async () => {
    const { agro, phone, by } = await farm()
    await agro.push({ playbookPatches: [patchOf(3)] })
    await by.publish(4)
    await by.rollBack(5, 3)
    await by.retire(6)
    expect(await versionsOf(phone)).toMatchObject([
      {
        version: 7,
        kind: 'retirement',
        deviceId: 'dev_admin',
        reason: 'The block was pulled out',
        paths: [],
      },
      { version: 6, kind: 'rollback', deviceId: 'dev_admin', reason: 'It was better before' },
      { version: 5, kind: 'publication', deviceId: 'dev_admin', reason: 'As agreed', patch: null },
      { version: 4, kind: 'patch', deviceId: 'dev_agro_1', reason: patchOf(3).reason, approvedBy: null },
      { version: 3, kind: 'creation', deviceId: null, reason: null, proposalId: null },
    ])
    const latest = (await pulledPlaybooks(phone)).get(STARTER)
    const third = await getPlaybook({ ctx: phone.ctx(), input: { playbookId: STARTER, version: 3 } })
    expect(latest).toEqual({ ...third.toJSON(), version: 7, updatedAt: services.clock.now().toISOString() })
  })

  it('[PUB-8, HSH-1] the state hash is that of what is stored, after each kind of version', async () => {
    const { phone, by } = await farm()
    await by.create()
    await by.publish(3)
    await by.rollBack(4, 3)
    await by.retire(5)
    const { stateHash, playbooks = [] } = (await phone.pull()).downstream
    const digests = playbooks.map((each) =>
      recordDigest('playbook', each.playbookId, canonicalRecord(each), sha256),
    )
    expect(digests).toHaveLength(2)
    expect(stateHash).toBe(combineDigests(...digests))
  })

  it('[PUB-2, CNF-5] a patch on an earlier version is rebased, and knows whether the publication overlaps', async () => {
    const { agro, by } = await farm()
    await by.publish(3)
    const { conflicts } = await agro.push({ playbookPatches: [patchOf(3)] })
    expect(conflicts).toMatchObject([
      {
        code: 'PLAYBOOK_VERSION_MISMATCH',
        playbook: {
          activeVersion: 4,
          intervening: [
            { patchId: null, version: 4, paths: expect.arrayContaining([INSTRUCTIONS]) as string[] },
          ],
          overlapping: false,
        },
      },
    ])
  })

  it('[PUB-9, IDM-2] a call that is sent again is answered as the first time, and publishes once', async () => {
    const { by, phone } = await farm()
    const first = await by.publish(3, content(), 'key_1')
    expect(await by.publish(3, content(), 'key_1')).toEqual(first)
    await expect(by.publish(3, content('Other.'), 'key_1')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
    expect(await versionsOf(phone)).toHaveLength(2)
  })
})

describe('what is refused', () => {
  it('[PUB-1, PUB-2, PUB-3, PUB-4] leaves nothing behind', async () => {
    const { by, workspaceId } = await farm()
    await by.create()
    await by.publish(3)
    const before = await footprint(services, workspaceId)
    const conflict = (reason: string) => ({ code: 'CONFLICT', details: { reason } })
    const mismatch = { code: 'PLAYBOOK_VERSION_MISMATCH', details: { activeVersion: 4 } }
    await expect(by.create()).rejects.toMatchObject(conflict('exists'))
    await expect(by.publish(4)).rejects.toMatchObject(conflict('unchanged'))
    await expect(by.publish(3, content('Late.'))).rejects.toMatchObject(mismatch)
    await expect(by.publish(1, content('None.', 'pbk_none'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(by.rollBack(4, 9)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(by.rollBack(4, 4)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(by.rollBack(3, 3)).rejects.toMatchObject(mismatch)
    await expect(by.retire(3)).rejects.toMatchObject(mismatch)
    expect(await footprint(services, workspaceId)).toEqual(before)
  })

  it.each([
    ['viewer', 'role'],
    ['scout', 'role'],
    // Its grant edits, creates and deletes.
    ['agronomist', 'grant'],
  ] as const)('[PUB-6, GRA-6] of a %s, by its %s', async (role, reason) => {
    const workspace = await services.workspace()
    const by = new Publisher(await workspace.device('dev_other', role))
    const refused = { code: 'FORBIDDEN', details: { reason } }
    await expect(by.create()).rejects.toMatchObject(refused)
    await expect(by.publish(3)).rejects.toMatchObject(refused)
    await expect(by.retire(3)).rejects.toMatchObject(refused)
  })
})

describe('somebody with a grant to publish one rule', () => {
  /** An agronomist who may publish changes of one rule, until noon. */
  async function granted() {
    const { workspaceId, agro, ...rest } = await farm()
    await services.owner.pool.query(
      `INSERT INTO playbook_grants (workspace_id, device_id, path, actions, expires_at, granted_at)
         VALUES ($1, 'dev_agro_1', '/rules/rule_pm_moderate', '{publish}', $2, now())`,
      [workspaceId, NOON],
    )
    return { ...rest, workspaceId, agro, by: new Publisher(agro) }
  }
  const NOON = new Date(services.clock.now().getTime() + 4 * 3600_000)
  const starter = async (device: TestDevice) =>
    (await getPlaybook({ ctx: device.ctx(), input: { playbookId: STARTER } })).toJSON()
  const changed = async (device: TestDevice, pointer: string) =>
    PlaybookContent.parse(altered(await starter(device), pointer, 'Wait.'))
  const refusedAt = (path: string) => ({
    code: 'FORBIDDEN',
    details: { reason: 'grant', issues: [{ path }] },
  })

  it('[PUB-6, GRA-2, GRA-6] publishes what changes only there', async () => {
    const { agro, by } = await granted()
    expect(await by.publish(3, await changed(agro, INSTRUCTIONS))).toMatchObject({ newVersion: 4 })
    const other = '/rules/rule_heat_moderate/action/instructions'
    await expect(by.publish(4, await changed(agro, other))).rejects.toMatchObject(refusedAt(other))
    await expect(by.retire(4)).rejects.toMatchObject(refusedAt(''))
    await expect(by.create()).rejects.toMatchObject(refusedAt(''))
  })

  it('[PUB-6, GRA-11] not a moment after it has ended, also where the call has waited', async () => {
    const { agro, by, workspaceId } = await granted()
    const document = await changed(agro, INSTRUCTIONS)
    const gate = await holdWrites(services, workspaceId)
    const waiting = by.publish(3, document)
    await gate.waiting(1)
    const before = services.clock.time
    services.clock.time = NOON
    await gate.open()
    await expect(waiting).rejects.toMatchObject(refusedAt(INSTRUCTIONS))
    services.clock.time = new Date(NOON.getTime() - 1)
    expect(await by.publish(3, document)).toMatchObject({ newVersion: 4 })
    services.clock.time = before
  })
})

describe('a retired playbook', () => {
  it('[PUB-5, PUB-4, PCH-7, CNF-14] is read, says since when, and takes no patch until it is published again', async () => {
    const { agro, admin, by } = await farm()
    await by.retire(3)
    const retiredAt = services.clock.now().toISOString()
    const get = async () => (await getPlaybook({ ctx: agro.ctx(), input: { playbookId: STARTER } })).toJSON()
    const list = async () => (await listPlaybooks({ ctx: agro.ctx(), input: {} })).items.toJSON()
    expect(await get()).toMatchObject({ version: 4, retiredAt })
    expect(await list()).toMatchObject([{ version: 4, retiredAt }])
    const { conflicts } = await agro.push({ playbookPatches: [patchOf(4)] })
    expect(conflicts).toMatchObject([
      {
        code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
        resolution: 'fix',
        reason: 'retired',
        issues: [{ path: '/operations' }],
      },
    ])
    await expect(agro.patch(patchOf(4))).rejects.toMatchObject({ code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED' })
    await expect(by.retire(4)).rejects.toMatchObject({ details: { reason: 'retired' } })
    // The same content brings it back.
    await new Publisher(admin).rollBack(4, 3)
    expect(await get()).not.toHaveProperty('retiredAt')
    expect(await list()).not.toMatchObject([{ retiredAt }])
    expect((await agro.push({ playbookPatches: [patchOf(5)] })).conflicts).toEqual([])
  })
})

describe('at the same time', () => {
  it('[PUB-9] of several publications on one base exactly one is the next version', async () => {
    const { admin, workspaceId, phone } = await farm()
    const other = admin.at(services.anotherServer())
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        new Publisher(i % 2 === 0 ? admin : other).publish(3, content(`Text ${i}.`)),
      ),
    )
    const won = outcomes.filter(({ status }) => status === 'fulfilled')
    expect(won).toMatchObject([{ value: { oldVersion: 3, newVersion: 4 } }])
    const lost = outcomes.filter(({ status }) => status === 'rejected')
    for (const each of lost)
      expect(each).toMatchObject({
        reason: { code: 'PLAYBOOK_VERSION_MISMATCH', details: { activeVersion: 4 } },
      })
    expect((await versionsOf(phone)).map(({ version }) => version)).toEqual([4, 3])
    expect(await verifyAudit({ ctx: await services.system(workspaceId), input: {} })).toMatchObject({
      ok: true,
    })
  })

  it('[PUB-9, BAT-4] a patch that was decided before a publication meets it at its commit', async () => {
    const { agro, by, phone } = await farm()
    let left = 1
    const slow = agro.interrupted((name) =>
      name === 'fieldsync_commit_all' && left-- > 0 ? by.publish(3).then(() => undefined) : undefined,
    )
    const { conflicts } = await slow.push({ playbookPatches: [patchOf(3)] })
    expect(conflicts).toMatchObject([{ code: 'PLAYBOOK_VERSION_MISMATCH', playbook: { activeVersion: 4 } }])
    expect((await versionsOf(phone)).map(({ kind }) => kind)).toEqual(['publication', 'creation'])
  })

  it('[PUB-5, PUB-9] a patch that was decided before a retirement is refused', async () => {
    const { agro, by } = await farm()
    let left = 1
    const slow = agro.interrupted((name) =>
      name === 'fieldsync_commit_all' && left-- > 0 ? by.retire(3).then(() => undefined) : undefined,
    )
    const { conflicts } = await slow.push({ playbookPatches: [patchOf(3)] })
    expect(conflicts).toMatchObject([{ code: 'PLAYBOOK_VERSION_MISMATCH', playbook: { activeVersion: 4 } }])
  })

  it('[PUB-9] a crash before the commit leaves nothing, and the same call publishes then', async () => {
    const { admin, workspaceId } = await farm()
    const before = await footprint(services, workspaceId)
    const dying = admin.interrupted((name) =>
      name === 'fieldsync_commit_all' ? Promise.reject(new Error('the server died')) : undefined,
    )
    await expect(new Publisher(dying).publish(3, content(), 'key_1')).rejects.toThrow('the server died')
    expect(await footprint(services, workspaceId)).toEqual(before)
    expect(await new Publisher(admin).publish(3, content(), 'key_1')).toMatchObject({ newVersion: 4 })
  })
})
