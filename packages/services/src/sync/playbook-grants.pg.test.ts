import { DeviceId, PlaybookId, Role, type WorkspaceId } from '@fieldsync/contracts'
import { observation, playbookPatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { authenticate } from '../access/authenticate.ts'
import { setDeviceRole } from '../devices/set-role.ts'
import { holdWrites } from '../testing/gate.ts'
import { type TestDevice, testServices, type TestWorkspace } from '../testing/test-workspace.ts'
import { grantsOf } from './playbook-grants.ts'

const services = await testServices()
const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const AGRO = 'dev_agro_1'

const patchOf = (baseVersion = 3, part: Partial<Parameters<typeof playbookPatch>[0]> = {}) =>
  playbookPatch({
    requestedByDeviceId: AGRO,
    baseVersion,
    operations: [{ op: 'replace', path: WIND, value: 5 + baseVersion }],
    ...part,
  })

type Period = { notBefore?: Date; expiresAt?: Date }
/** Replaces what a device was granted by this, as its role brought it along or as somebody gave it. */
async function onlyGrant(
  workspaceId: WorkspaceId,
  deviceId: string,
  grant: (Period & { path: string; actions?: string[]; playbookId?: string }) | null,
): Promise<void> {
  await services.db.pool.query(
    'UPDATE playbook_grants SET revoked_at = now() WHERE workspace_id = $1 AND device_id = $2',
    [workspaceId, deviceId],
  )
  if (!grant) return
  const { path, actions = ['edit'], playbookId = null, notBefore = null, expiresAt = null } = grant
  await services.db.pool.query(
    `INSERT INTO playbook_grants (workspace_id, device_id, playbook_id, path, actions, not_before, expires_at, granted_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, now())`,
    [workspaceId, deviceId, playbookId, path, actions, notBefore, expiresAt],
  )
}

const activeVersion = async ({ workspaceId }: TestWorkspace): Promise<number> => {
  const { rows } = await services.db.pool.query<{ version: number }>(
    'SELECT active_version AS version FROM playbooks WHERE workspace_id = $1',
    [workspaceId],
  )
  return rows[0]?.version ?? 0
}

const again = async (device: TestDevice): Promise<TestDevice> =>
  device.as(
    await authenticate({
      ctx: services.admin,
      credentials: { deviceToken: device.token, bearer: undefined },
    }),
  )

describe('what a role brings along', () => {
  const held = async (workspaceId: WorkspaceId, deviceId: string) =>
    (await grantsOf(services.db.pool, workspaceId, deviceId)).map(({ path, actions, ...rest }) => {
      expect(rest).toEqual({ playbookId: null, notBefore: null, expiresAt: null })
      return `${path}: ${actions.join(' ')}`
    })
  const BY_ROLE: Record<Role, string[]> = {
    viewer: [],
    scout: [],
    service: [],
    agronomist: [': edit create delete'],
    admin: [': edit create delete publish'],
  }

  it.each(Role.exclude(['service']).options)('[GRA-9] to a new %s', async (role) => {
    const workspace = await services.workspace()
    await workspace.device('dev_new', role)
    expect(await held(workspace.workspaceId, 'dev_new')).toEqual(BY_ROLE[role])
  })

  it('[GRA-9] ends with the role, and what somebody gave stays', async () => {
    const workspace = await services.workspace()
    const { workspaceId } = workspace
    await workspace.device('dev_new', 'admin')
    const deviceId = DeviceId.parse('dev_new')
    const become = async (role: Exclude<Role, 'service'>) =>
      setDeviceRole({ ctx: await services.system(workspaceId), input: { deviceId, role } })
    await become('agronomist')
    expect(await held(workspaceId, deviceId)).toEqual(BY_ROLE.agronomist)
    await services.db.pool.query(
      `INSERT INTO playbook_grants (workspace_id, device_id, path, actions, granted_at) VALUES ($1, $2, '/rules', '{publish}', now())`,
      [workspaceId, deviceId],
    )
    await become('scout')
    expect(await held(workspaceId, deviceId)).toEqual(['/rules: publish'])
    await become('admin')
    expect((await held(workspaceId, deviceId)).toSorted()).toEqual(
      ['/rules: publish', ...BY_ROLE.admin].toSorted(),
    )
    await become('admin')
    expect(await held(workspaceId, deviceId)).toHaveLength(2)
  })

  it('[GRA-9] the application ends a grant, and changes nothing else of it', async () => {
    for (const statement of ["UPDATE playbook_grants SET path = ''", 'DELETE FROM playbook_grants']) {
      await expect(services.db.pool.query(statement)).rejects.toMatchObject({ code: '42501' })
    }
  })
})

describe('a patch without a grant', () => {
  it('[PCH-7, GRA-1, GRA-8, CNF-14] is a conflict in a batch and 403 alone, and both attempts are on record', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device(AGRO, 'agronomist')
    await onlyGrant(workspace.workspaceId, AGRO, { path: '/rules/rule_pm_moderate/timing' })
    const issues = [{ path: '/operations/0', message: `edit ${WIND}: is not granted to you` }]
    const refused = { code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', resolution: 'fix', reason: 'grant', issues }
    const { conflicts } = await agro.push({ playbookPatches: [patchOf()] })
    expect(conflicts).toMatchObject([refused])
    await expect(agro.patch(patchOf())).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { reason: 'grant', issues, conflict: refused },
    })
    expect(await activeVersion(workspace)).toBe(3)
    const { rows } = await services.db.pool.query(
      'SELECT outcome, code FROM playbook_patches WHERE workspace_id = $1',
      [workspace.workspaceId],
    )
    expect(rows).toEqual([refused, refused].map(({ code }) => ({ outcome: 'rejected', code })))
  })

  it('[GRA-1, GRA-4] is not covered by one of the same id in another workspace, or of another playbook', async () => {
    const [one, other] = [await services.workspace(), await services.workspace()]
    const agro = await one.device(AGRO, 'agronomist')
    await other.device(AGRO, 'agronomist')
    await onlyGrant(one.workspaceId, AGRO, null)
    await onlyGrant(other.workspaceId, AGRO, { path: '' })
    expect((await agro.push({ playbookPatches: [patchOf()] })).conflicts).toMatchObject([{ reason: 'grant' }])
    await onlyGrant(one.workspaceId, AGRO, { path: '', playbookId: 'pbk_other' })
    expect((await agro.push({ playbookPatches: [patchOf()] })).conflicts).toMatchObject([{ reason: 'grant' }])
    await onlyGrant(one.workspaceId, AGRO, { path: '', playbookId: PlaybookId.parse(patchOf().playbookId) })
    expect((await agro.push({ playbookPatches: [patchOf()] })).conflicts).toEqual([])
  })

  it('[GRA-8] the grants of a batch are read with its patches, and only then', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device(AGRO, 'agronomist')
    const statements: string[] = []
    const watched = agro.interrupted((name) => {
      statements.push(name)
      return undefined
    })
    await watched.push({ observations: [observation({ deviceId: AGRO })] })
    expect(statements).toEqual(['fieldsync_commit_all'])
    await watched.push({ playbookPatches: [patchOf()] })
    expect(statements.filter((name) => name === 'playbook_grants')).toHaveLength(1)
  })
})

describe('a grant that changes while a patch is under way', () => {
  const revokedMeanwhile = async (send: (slow: TestDevice) => Promise<unknown>) => {
    const workspace = await services.workspace()
    const agro = await workspace.device(AGRO, 'agronomist')
    let isDone = false
    const slow = agro.interrupted((name) => {
      if (isDone || !name.startsWith('fieldsync_commit_all')) return undefined
      isDone = true
      return onlyGrant(workspace.workspaceId, AGRO, null)
        .then(() =>
          services.db.pool.query(
            'UPDATE devices SET epoch = epoch + 1 WHERE workspace_id = $1 AND device_id = $2',
            [workspace.workspaceId, AGRO],
          ),
        )
        .then(() => undefined)
    })
    await expect(send(slow)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(isDone).toBe(true)
    expect(await activeVersion(workspace)).toBe(3)
    const { conflicts } = await (await again(agro)).push({ playbookPatches: [patchOf()] })
    expect(conflicts).toMatchObject([{ reason: 'grant' }])
  }

  it('[GRA-10] refuses the single call at its commit, and the next try is decided without it', () =>
    revokedMeanwhile((slow) => slow.patch(patchOf())))

  it('[GRA-10] refuses the batch at its commit', () =>
    revokedMeanwhile((slow) => slow.push({ playbookPatches: [patchOf()] })))
})

describe('a grant with an end', () => {
  const untilIn = (ms: number): Date => new Date(services.clock.time.getTime() + ms)

  it('[GRA-5] is worth something in its last millisecond, and nothing after', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device(AGRO, 'agronomist')
    await onlyGrant(workspace.workspaceId, AGRO, { path: WIND, notBefore: untilIn(1), expiresAt: untilIn(2) })
    await expect(agro.patch(patchOf())).rejects.toMatchObject({ details: { reason: 'grant' } })
    services.clock.advance(1)
    expect((await agro.patch(patchOf())).answer.newVersion).toBe(4)
    services.clock.advance(1)
    const ended = `your grant ended at ${services.clock.time.toISOString()}`
    await expect(agro.patch(patchOf(4))).rejects.toMatchObject({
      details: { issues: [{ message: expect.stringContaining(ended) }] },
    })
  })

  it.each(['patch', 'batch'])(
    '[GRA-11] a %s that waits for the workspace until then is refused',
    async (way) => {
      const workspace = await services.workspace()
      const agro = await workspace.device(AGRO, 'agronomist')
      await onlyGrant(workspace.workspaceId, AGRO, { path: WIND, expiresAt: untilIn(1000) })
      const gate = await holdWrites(services, workspace.workspaceId)
      const sent =
        way === 'patch'
          ? agro.patch(patchOf()).then(
              () => 'stored',
              (error: unknown) => error,
            )
          : agro.push({ playbookPatches: [patchOf()] }).then(({ conflicts }) => conflicts[0])
      await gate.waiting(1)
      services.clock.advance(1000)
      await gate.open()
      expect(await sent).toMatchObject(
        way === 'patch' ? { details: { reason: 'grant' } } : { reason: 'grant' },
      )
      expect(await activeVersion(workspace)).toBe(3)
    },
  )

  it('[GRA-11] a repeated call has its answer, although the grant has ended since', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device(AGRO, 'agronomist')
    await onlyGrant(workspace.workspaceId, AGRO, { path: WIND, expiresAt: untilIn(1000) })
    const sent = patchOf()
    const first = await agro.patch(sent, 'key_1')
    services.clock.advance(1000)
    expect(await agro.patch(sent, 'key_1')).toEqual({ ...first, replayed: true })
  })
})
