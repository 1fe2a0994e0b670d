import { canonicalText } from '@fieldsync/domain'
import { observation, playbookPatch, recommendation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { sha256 } from '../core/json-text.ts'
import { footprint } from '../testing/footprint.ts'
import { type TestDevice, testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { listAudit } from './list.ts'
import { verifyAudit } from './verify.ts'

/** A recommendation made then has a window that is over at the test's clock, so that no change of a playbook affects it (REC-16). */
const OVER_BY_NOW = '2026-02-11T00:00:00Z'

const services = await testServices()
const another = services.anotherServer()

const verify = async ({ workspaceId }: TestWorkspace) =>
  verifyAudit({ ctx: await services.system(workspaceId), input: {} })
const entries = async (device: TestDevice) =>
  (await listAudit({ ctx: device.ctx(), input: { limit: 500 } })).items.toJSON().toReversed()

async function start() {
  const workspace = await services.workspace()
  const agro = await workspace.device('dev_agro_1', 'agronomist')
  return { workspace, agro, before: (await entries(agro)).length }
}

const mine = { requestedByDeviceId: 'dev_agro_1' }

describe('entries', () => {
  it('[AUD-2][AUD-4][GUA-8] one per accepted change, with hashes before and after and never the record', async () => {
    const { agro, before } = await start()
    const draft = observation({ deviceId: 'dev_agro_1' })
    const done = { ...draft, status: 'confirmed' as const, updatedAt: '2026-02-12T07:00:00Z' }
    const advice = recommendation({ observationId: draft.observationId, generatedAt: OVER_BY_NOW })
    const patch = playbookPatch(mine)
    await agro.send(
      syncBatch({
        observations: [draft, draft, done, observation({ deviceId: 'dev_scout_9' })],
        recommendations: [advice, recommendation()],
        playbookPatches: [patch, patch],
      }),
      'key-1',
    )
    const made = (await entries(agro)).slice(before)
    const hash = (record: unknown) => sha256(canonicalText(record))
    expect(made.map(({ target, change }) => [target?.type, target?.id, change?.kind])).toEqual([
      ['observation', draft.observationId, 'create'],
      ['observation', draft.observationId, 'advance'],
      ['recommendation', advice.recommendationId, 'create'],
      ['playbook', 'pbk_yolo_grape', 'patch'],
    ])
    expect(made[0]?.change).toMatchObject({ beforeSha256: null, afterSha256: hash(draft) })
    expect(made[1]?.change).toMatchObject({ beforeSha256: hash(draft), afterSha256: hash(done) })
    expect(made[3]?.change?.paths).toEqual(['/rules/rule_pm_moderate/constraints/maxWindKph'])
    for (const entry of made) {
      expect(entry).toMatchObject({
        action: 'sync.batch',
        at: services.clock.now().toISOString(),
        actor: { kind: 'device', deviceId: 'dev_agro_1', role: 'agronomist' },
        outcome: { ok: true },
        request: { idempotencyKey: 'key-1' },
      })
    }
    expect(JSON.stringify(made)).not.toContain(draft.rawNoteText)
  })

  it('[AUD-16] an edit of a rule names its patch, why, both versions, and each place with hashes before and after', async () => {
    const { agro, before } = await start()
    const patch = playbookPatch({
      ...mine,
      reason: 'Windy spring',
      operations: [
        { op: 'replace', path: '/rules/rule_pm_moderate/constraints/maxWindKph', value: 9 },
        { op: 'replace', path: '/rules/rule_pm_moderate/constraints/maxWindKph', value: 8 },
      ],
    })
    await agro.patch(patch)
    const stale = playbookPatch({ ...mine, reason: 'Still windy' })
    await agro.patch(stale).catch(() => undefined)
    const [accepted, refused] = (await entries(agro)).slice(before)
    expect(accepted?.change?.edit).toEqual({
      patchId: patch.patchId,
      reason: 'Windy spring',
      oldVersion: 3,
      newVersion: 4,
      places: [
        {
          path: '/rules/rule_pm_moderate/constraints/maxWindKph',
          beforeSha256: sha256('12'),
          afterSha256: sha256('8'),
        },
      ],
    })
    expect(refused?.change?.edit).toEqual({
      patchId: stale.patchId,
      reason: 'Still windy',
      oldVersion: 4,
      newVersion: null,
      places: [],
    })
  })

  it('[AUD-2] a replay and a pull append nothing; an identical re-send and a moved time are no change', async () => {
    const { workspace, agro } = await start()
    const batch = syncBatch({ observations: [observation({ deviceId: 'dev_agro_1' })] })
    await agro.send(batch)
    const before = await footprint(services, workspace.workspaceId)
    await agro.send(batch)
    await agro.pull()
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
    const known = (await entries(agro)).filter(({ change }) => change !== null)
    const [seen] = batch.upserts.observations
    if (!seen) throw new Error('one was sent')
    await agro.push({ observations: [seen] })
    await agro.push({ observations: [{ ...seen, updatedAt: '2026-02-12T07:30:00Z' }] })
    expect((await entries(agro)).filter(({ change }) => change !== null)).toEqual(known)
  })

  it('[AUD-6] a refused patch attempt has one too, in a batch and in the single call', async () => {
    const { agro, before } = await start()
    const patch = playbookPatch({ ...mine, baseVersion: 2 })
    await agro.push({ playbookPatches: [patch] })
    await agro.patch(patch).catch(() => undefined)
    const refused = {
      target: { type: 'playbookPatch', id: patch.patchId },
      change: { kind: 'refused', beforeSha256: null },
      outcome: { ok: false, code: 'PLAYBOOK_VERSION_MISMATCH' },
    }
    expect((await entries(agro)).slice(before)).toMatchObject([refused, refused])
  })

  it('[AUD-7] workspaces and devices that are made and devices that are revoked have entries', async () => {
    const { workspace, agro } = await start()
    const scout = await workspace.device('dev_scout_1')
    await scout.revoke()
    await scout.revoke()
    const system = {
      kind: 'system',
      deviceId: null,
      role: null,
      keyFingerprint: null,
      personId: null,
      authentication: null,
    }
    expect((await entries(agro)).map(({ action, actor, target }) => [action, actor, target?.id])).toEqual([
      ['workspace.create', system, 'pbk_yolo_grape'],
      ['device.create', system, 'dev_agro_1'],
      ['device.create', system, 'dev_scout_1'],
      ['device.revoke', system, 'dev_scout_1'],
    ])
  })

  it('[AUD-8] refused credentials write nothing into the chain', async () => {
    const { workspace, agro } = await start()
    const before = await footprint(services, workspace.workspaceId)
    await expect(agro.pushAs('dev_other', { observations: [observation()] })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
  })
})

describe('the chain', () => {
  it('[AUD-3] hashes the exact canonical text, from 64 zeros, without a gap', async () => {
    const { workspace, agro } = await start()
    await agro.push({
      observations: [observation({ deviceId: 'dev_agro_1' })],
      playbookPatches: [playbookPatch({ ...mine, baseVersion: 9 })],
    })
    const { rows } = await services.db.pool.query<{ seq: string; body: string; hash: string }>(
      'SELECT seq, body, hash FROM audit_entries WHERE workspace_id = $1 ORDER BY seq',
      [workspace.workspaceId],
    )
    let previous = '0'.repeat(64)
    for (const [i, { seq, body, hash }] of rows.entries()) {
      expect(Number(seq)).toBe(i + 1)
      expect(body).toBe(canonicalText(JSON.parse(body)))
      expect(hash).toBe(sha256(`fieldsync.audit.v1\n${previous}\n${body}`))
      previous = hash
    }
    expect(await verify(workspace)).toMatchObject({ ok: true, rows: rows.length, hash: previous })
  })

  it('[AUD-5] is one, whatever writes at the same time at two servers', async () => {
    const { workspace, agro } = await start()
    const other = await workspace.device('dev_agro_2', 'agronomist')
    await Promise.all([
      ...Array.from({ length: 10 }, () =>
        agro.push({ observations: [observation({ deviceId: 'dev_agro_1' })] }),
      ),
      ...Array.from({ length: 10 }, () =>
        other.at(another).push({ observations: [observation({ deviceId: 'dev_agro_2' })] }),
      ),
      ...Array.from({ length: 5 }, (_, i) => workspace.device(`dev_new_${i}`)),
      agro.patch(playbookPatch(mine)),
    ])
    expect(await verify(workspace)).toMatchObject({ ok: true, rows: 3 + 20 + 5 + 1 })
  })

  it('[AUD-1] a failed insert takes the change back, for a patch and a device too', async () => {
    const { workspace, agro } = await start()
    const before = await footprint(services, workspace.workspaceId)
    const devices = () =>
      services.db.pool.query('SELECT device_id, revoked_at FROM devices WHERE workspace_id = $1', [
        workspace.workspaceId,
      ])
    const had = (await devices()).rows
    await services.owner.pool.query(
      `ALTER TABLE audit_entries ADD CONSTRAINT closed CHECK (workspace_id <> '${workspace.workspaceId}') NOT VALID`,
    )
    try {
      await expect(agro.push({ observations: [observation({ deviceId: 'dev_agro_1' })] })).rejects.toThrow(
        'closed',
      )
      await expect(agro.create(observation({ deviceId: 'dev_agro_1' }))).rejects.toThrow('closed')
      await expect(agro.patch(playbookPatch(mine))).rejects.toThrow('closed')
      await expect(workspace.device('dev_new')).rejects.toThrow('closed')
      await expect(agro.revoke()).rejects.toThrow('closed')
    } finally {
      await services.owner.pool.query('ALTER TABLE audit_entries DROP CONSTRAINT closed')
    }
    expect(await footprint(services, workspace.workspaceId)).toEqual(before)
    expect((await devices()).rows).toEqual(had)
  })
})
