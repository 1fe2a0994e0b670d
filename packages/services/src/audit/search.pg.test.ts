import type { AuditEntry, AuditInput } from '@fieldsync/contracts'
import { observation, playbookPatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type TestDevice, testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { indexAllAudits, indexAudit } from './index-audit.ts'
import { listAudit } from './list.ts'

const services = await testServices()
const another = services.anotherServer()

const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const from = new Date('2026-02-12T08:00:00.000Z').getTime()
const minute = (count: number) => new Date(from + count * 60_000).toISOString()

/** Every entry that matches, over pages of this size, in the order of the answers. */
async function find(workspace: TestWorkspace, input: AuditInput, limit = 500): Promise<AuditEntry[]> {
  const ctx = await services.system(workspace.workspaceId)
  const found: AuditEntry[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await listAudit({
      ctx,
      input: { ...input, limit, ...(cursor === undefined ? {} : { cursor }) },
    })
    found.push(...page.items.toJSON())
    cursor = page.nextCursor
  }
  return found
}
const idsOf = (entries: readonly AuditEntry[]) => entries.map(({ entryId }) => entryId)

/** Two devices that write, a minute apart: four notes each in one batch, and two edits of a rule. */
async function farm() {
  const workspace = await services.workspace()
  const scout = await workspace.device('dev_scout_1')
  const agro = await workspace.device('dev_agro_1', 'agronomist')
  const notes = async (device: TestDevice) => {
    const { deviceId } = device.actor
    services.clock.advance(60_000)
    const observations = Array.from({ length: 4 }, () => observation({ deviceId }))
    await device.push({ observations })
    return observations
  }
  services.clock.time = new Date(from)
  const first = await notes(scout)
  const second = await notes(agro)
  services.clock.advance(60_000)
  const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1' })
  await agro.patch(patch)
  services.clock.advance(60_000)
  await agro.push({ playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_1' })] })
  return { workspace, scout, agro, first, second, patch }
}

describe('a search of the audit', async () => {
  const { workspace, first, second, patch } = await farm()
  const all = await find(workspace, {})
  const matching = (is: (entry: AuditEntry) => boolean) => idsOf(all.filter(is))
  const record = second[2]?.observationId ?? ''

  const CASES: readonly (readonly [string, AuditInput, (entry: AuditEntry) => boolean])[] = [
    ['device', { deviceId: 'dev_agro_1' as never }, ({ actor }) => actor.deviceId === 'dev_agro_1'],
    ['action', { action: 'sync.batch' }, ({ action }) => action === 'sync.batch'],
    ['record', { recordId: record }, ({ target }) => target?.id === record],
    [
      'device that an entry is about',
      { recordId: 'dev_scout_1' },
      ({ target }) => target?.id === 'dev_scout_1',
    ],
    ['patch', { recordId: patch.patchId }, ({ change }) => change?.edit?.patchId === patch.patchId],
    ['place of a playbook', { path: WIND }, ({ change }) => change?.paths.includes(WIND) ?? false],
    [
      'place above it',
      { path: '/rules/rule_pm_moderate' },
      ({ change }) => change?.paths.includes(WIND) ?? false,
    ],
    ['another rule', { path: '/rules/rule_heat_moderate' }, () => false],
    ['time', { from: minute(1), to: minute(3) }, ({ at }) => at >= minute(1) && at < minute(3)],
    [
      'device, action and time',
      { deviceId: 'dev_agro_1' as never, action: 'sync.batch', from: minute(3) },
      ({ action, actor, at }) =>
        actor.deviceId === 'dev_agro_1' && action === 'sync.batch' && at >= minute(3),
    ],
    [
      'record and device',
      { recordId: record, deviceId: 'dev_agro_1' as never },
      ({ target }) => target?.id === record,
    ],
    ['a record of another device', { recordId: record, deviceId: 'dev_scout_1' as never }, () => false],
    [
      'place and playbook',
      { path: WIND, recordId: 'pbk_yolo_grape' },
      ({ change, target }) => target?.id === 'pbk_yolo_grape' && (change?.paths.includes(WIND) ?? false),
    ],
    ['person', { personId: 'per_nobody' }, () => false],
  ]

  it.each(CASES)('[AUD-18] by %s finds exactly what matches, in pages of any size', async (_, input, is) => {
    const expected = matching(is)
    for (const limit of [500, 3, 1]) expect(idsOf(await find(workspace, input, limit))).toEqual(expected)
  })

  it.each(CASES)('[AUD-18] by %s goes forward from an entry', async (_, input, is) => {
    const forward = matching(is).toReversed()
    expect(idsOf(await find(workspace, { ...input, after: '0' }, 2))).toEqual(forward)
    for (const [i, after] of forward.entries())
      expect(idsOf(await find(workspace, { ...input, after }, 3))).toEqual(forward.slice(i + 1))
  })

  it('[AUD-18] has tests that find something', () => {
    expect(matching(({ actor }) => actor.deviceId === 'dev_agro_1').length).toBeGreaterThan(4)
    expect(first).toHaveLength(4)
  })

  it('[AUD-18][ACC-5] never finds what another workspace has', async () => {
    const other = await services.workspace()
    expect(await find(other, { recordId: record })).toEqual([])
  })

  it('[AUD-18] refuses a cursor of the unfiltered list, and the other way round', async () => {
    const refused = { code: 'VALIDATION_ERROR' }
    await expect(find(workspace, { action: 'sync.batch', cursor: 'a3.0' })).rejects.toMatchObject(refused)
    await expect(find(workspace, { cursor: 't0_3.0' })).rejects.toMatchObject(refused)
  })
})

describe('the index', () => {
  const termsOf = async ({ workspaceId }: TestWorkspace) =>
    (
      await services.owner.pool.query(
        'SELECT term, at, seq, index FROM audit_terms WHERE workspace_id = $1 ORDER BY term, at, seq, index',
        [workspaceId],
      )
    ).rows

  it('[AUD-18] is made once by several servers at the same time, and of what has come since', async () => {
    const { workspace, scout } = await farm()
    const { workspaceId } = workspace
    await Promise.all([services, another, services, another].map(({ db }) => indexAudit(db, workspaceId)))
    const made = await termsOf(workspace)
    await indexAudit(services.db, workspaceId)
    expect(await termsOf(workspace)).toEqual(made)
    await scout.push({ observations: [observation()] })
    await indexAllAudits({ db: another.db })
    expect((await termsOf(workspace)).length).toBe(made.length + 4)
  })

  it('[AUD-18] misses nothing that was written before the search, by whatever server', async () => {
    const { workspace, scout } = await farm()
    const before = (await find(workspace, { deviceId: 'dev_scout_1' as never })).length
    await scout.at(another).push({ observations: [observation()] })
    expect(await find(workspace, { deviceId: 'dev_scout_1' as never })).toHaveLength(before + 1)
  })

  it('[AUD-9][AUD-18] is only added to by the application', async () => {
    for (const change of [
      'UPDATE audit_terms SET seq = 1',
      'DELETE FROM audit_terms',
      'TRUNCATE audit_terms',
    ])
      await expect(services.db.pool.query(change)).rejects.toMatchObject({ code: '42501' })
  })
})
