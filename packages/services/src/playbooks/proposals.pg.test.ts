import {
  type PatchApplyResult,
  PlaybookPatch,
  Proposal,
  ProposalDetail,
  ProposalId,
} from '@fieldsync/contracts'
import { type PlaybookPatchInput, playbookPatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { getSession } from '../access/get-session.ts'
import { listAudit } from '../audit/list.ts'
import { verifyAudit } from '../audit/verify.ts'
import { footprint } from '../testing/footprint.ts'
import { asPerson, content, Publisher, pulledPlaybooks, setFourEyes, STARTER } from '../testing/publishing.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { applyPlaybookPatch } from './apply-patch.ts'
import { approveProposal, rejectProposal, withdrawProposal } from './decide-proposal.ts'
import { getProposal, listProposals } from './list-proposals.ts'
import { listPlaybookVersions } from './list.ts'

const services = await testServices()

/** A workspace where changes take two persons: Ana and Ben administer, Eva is an agronomist. */
async function farm() {
  const workspace = await services.workspace()
  const admin = await workspace.device('dev_admin', 'admin')
  await setFourEyes(admin, 0)
  const [ana, ben, eva, ivo] = await Promise.all([
    workspace.device('dev_ana', 'admin').then(asPerson),
    workspace.device('dev_ben', 'admin').then(asPerson),
    workspace.device('dev_eva', 'agronomist').then(asPerson),
    workspace.device('dev_ivo', 'agronomist').then(asPerson),
  ])
  const phone = await workspace.device('dev_phone')
  return { workspace, workspaceId: workspace.workspaceId, admin, ana, ben, eva, ivo, phone }
}

const idOf = (answer: object): ProposalId => Proposal.parse(answer).proposalId
const approve = async (by: TestDevice, proposalId: ProposalId, key?: string) =>
  (await approveProposal({ ctx: by.ctx(key), input: { proposalId } })).document.toJSON()
const reject = async (by: TestDevice, proposalId: ProposalId) =>
  (await rejectProposal({ ctx: by.ctx(), input: { proposalId, reason: 'Not now' } })).document.toJSON()
const withdraw = async (by: TestDevice, proposalId: ProposalId) =>
  (await withdrawProposal({ ctx: by.ctx(), input: { proposalId } })).document.toJSON()
const patchBy = async (
  by: TestDevice,
  given: PlaybookPatchInput,
  key?: string,
): Promise<PatchApplyResult | Proposal> =>
  (await applyPlaybookPatch({ ctx: by.ctx(key), input: PlaybookPatch.parse(given) })).document.toJSON()
const evasPatch = (baseVersion = 3) => playbookPatch({ requestedByDeviceId: 'dev_eva', baseVersion })
const kindsOf = async (device: TestDevice) =>
  (await listPlaybookVersions({ ctx: device.ctx(), input: { playbookId: STARTER } })).items
    .toJSON()
    .map(({ kind }) => kind)

const FOUR_EYES = { code: 'FORBIDDEN', details: { reason: 'four_eyes' } }
const decided = (state: string) => ({ code: 'CONFLICT', details: { reason: 'decided', state } })

describe('a change that takes two persons', () => {
  it('[PUB-10, OPS-85] is a proposal, and changes nothing', async () => {
    const { ana, phone } = await farm()
    const before = (await phone.pull()).downstream.stateHash
    const proposal = await new Publisher(ana).publish(3)
    expect(Proposal.parse(proposal)).toMatchObject({
      proposalId: 'prp_1',
      kind: 'publication',
      baseVersion: 3,
      proposedBy: 'dev_ana',
      reason: 'As agreed',
      state: 'open',
      stale: false,
      newVersion: null,
    })
    expect((await phone.pull()).downstream.stateHash).toBe(before)
    const detail = await getProposal({ ctx: phone.ctx(), input: { proposalId: idOf(proposal) } })
    expect(ProposalDetail.parse(detail.toJSON())).toMatchObject({
      document: { rules: content().rules, version: 4 },
      patch: null,
    })
    const { items } = await listAudit({ ctx: ana.ctx(), input: { limit: 1 } })
    expect(items.toJSON()).toMatchObject([
      {
        action: 'playbooks.publish',
        reason: 'As agreed',
        target: { type: 'proposal', id: 'prp_1' },
        change: { edit: { oldVersion: 3, newVersion: null } },
      },
    ])
  })

  it('[PUB-13, PUB-7, OPS-86] becomes the active version when a second person approves it', async () => {
    const { ana, ben, phone, workspaceId } = await farm()
    const proposalId = idOf(await new Publisher(ana).publish(3))
    expect(await approve(ben, proposalId)).toMatchObject({
      state: 'approved',
      decidedBy: 'dev_ben',
      newVersion: 4,
    })
    expect((await pulledPlaybooks(phone)).get(STARTER)).toMatchObject({
      rules: content().rules,
      version: 4,
    })
    const { items } = await listPlaybookVersions({
      ctx: phone.ctx(),
      input: { playbookId: STARTER, limit: 1 },
    })
    expect(items.toJSON()).toMatchObject([
      { version: 4, kind: 'publication', deviceId: 'dev_ana', proposalId: 'prp_1', approvedBy: 'dev_ben' },
    ])
    const audit = await listAudit({ ctx: ana.ctx(), input: { limit: 2 } })
    expect(audit.items.toJSON()).toMatchObject([
      { actor: { deviceId: 'dev_ben' }, change: { kind: 'publish', edit: { newVersion: 4 } } },
      { actor: { deviceId: 'dev_ben' }, change: { kind: 'approve' } },
    ])
    expect(await verifyAudit({ ctx: await services.system(workspaceId), input: {} })).toMatchObject({
      ok: true,
    })
  })

  it.each([
    ['creation', (by: Publisher) => by.create()],
    ['rollback', (by: Publisher) => by.rollBack(4, 3)],
    ['retirement', (by: Publisher) => by.retire(4)],
  ] as const)('[PUB-10, PUB-13] a %s too', async (kind, propose) => {
    const { ana, ben } = await farm()
    await approve(ben, idOf(await new Publisher(ana).publish(3)))
    const proposal = Proposal.parse(await propose(new Publisher(ana)))
    expect(proposal.kind).toBe(kind)
    const { newVersion } = await approve(ben, proposal.proposalId)
    expect(newVersion).toBe(kind === 'creation' ? 1 : 5)
  })

  it('[PUB-10, PUB-13, PCH-1] a patch of a person is one as well, and is its own from then on', async () => {
    const { eva, ivo, phone } = await farm()
    const patch = evasPatch()
    const proposal = Proposal.parse(await patchBy(eva, patch))
    expect(proposal).toMatchObject({ kind: 'patch', patchId: patch.patchId, proposedBy: 'dev_eva' })
    // The same again, as after a lost answer, is the same proposal.
    expect(await patchBy(eva, patch)).toEqual(proposal)
    await expect(patchBy(eva, { ...patch, reason: 'Another one' })).rejects.toMatchObject({
      details: { reason: 'exists' },
    })
    expect(await approve(ivo, proposal.proposalId)).toMatchObject({ newVersion: 4 })
    const { items } = await listPlaybookVersions({
      ctx: phone.ctx(),
      input: { playbookId: STARTER, limit: 1 },
    })
    expect(items.toJSON()).toMatchObject([
      { version: 4, kind: 'patch', deviceId: 'dev_eva', patch, approvedBy: 'dev_ivo' },
    ])
    expect(await patchBy(eva, patch)).toMatchObject({
      patchId: patch.patchId,
      newVersion: 4,
      status: 'applied',
    })
  })

  it('[PUB-10, PCH-13] a patch that the rules refuse is no proposal, and is on record', async () => {
    const { eva, workspaceId } = await farm()
    const path = '/rules/rule_pm_moderate/severity'
    const patch = { ...evasPatch(), operations: [{ op: 'replace' as const, path, value: 'low' }] }
    await expect(patchBy(eva, patch)).rejects.toMatchObject({ code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED' })
    await expect(patchBy(eva, evasPatch(2))).rejects.toMatchObject({ code: 'PLAYBOOK_VERSION_MISMATCH' })
    expect((await footprint(services, workspaceId)).playbook_patches.rows).toBe(2)
    expect((await listProposals({ ctx: eva.ctx(), input: {} })).items.toJSON()).toEqual([])
  })

  it('[PUB-10, IDM-2] is answered as the first time when it is sent again', async () => {
    const { ana, eva } = await farm()
    const first = await new Publisher(ana).publish(3, content(), 'key_1')
    expect(await new Publisher(ana).publish(3, content(), 'key_1')).toEqual(first)
    const patch = evasPatch()
    const proposed = await patchBy(eva, patch, 'key_2')
    await withdraw(eva, idOf(proposed))
    expect(await patchBy(eva, patch, 'key_2')).toEqual(proposed)
  })
})

describe('what a device changes where changes take two persons', () => {
  it('[PUB-11, PCH-7, CNF-14] is a conflict in a batch, and never a proposal', async () => {
    const { admin, workspace } = await farm()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1' })
    const { conflicts, acceptedCounts } = await agro.push({ playbookPatches: [patch] })
    expect(acceptedCounts.playbookPatches).toBe(0)
    expect(conflicts).toMatchObject([
      { code: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED', resolution: 'fix', reason: 'four_eyes' },
    ])
    await expect(agro.patch(playbookPatch({ requestedByDeviceId: 'dev_agro_1' }))).rejects.toMatchObject(
      FOUR_EYES,
    )
    await expect(new Publisher(admin).publish(3)).rejects.toMatchObject(FOUR_EYES)
    expect((await listProposals({ ctx: agro.ctx(), input: {} })).items.toJSON()).toEqual([])
  })

  it('[PUB-11] a person’s patch in a batch is one too: a batch has no answer for a proposal', async () => {
    const { eva } = await farm()
    const { conflicts } = await eva.push({ playbookPatches: [evasPatch()] })
    expect(conflicts).toMatchObject([{ reason: 'four_eyes' }])
  })

  it('[PUB-11, OPS-20] the session says so', async () => {
    const { phone, workspace } = await farm()
    const fourEyes = async (device: TestDevice) =>
      (await getSession({ ctx: device.ctx(), input: {} })).fourEyes
    expect(await fourEyes(phone)).toBe(true)
    const other = await services.workspace()
    expect(await fourEyes(await other.device('dev_phone'))).toBe(false)
    expect(workspace.workspaceId).not.toBe(other.workspaceId)
  })

  it('[PUB-12] a patch that is under way when the setting changes is decided by the new one', async () => {
    const workspace = await services.workspace()
    const admin = await workspace.device('dev_admin', 'admin')
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    let left = 1
    const slow = agro.interrupted((name) =>
      name === 'fieldsync_commit_all' && left-- > 0 ? setFourEyes(admin, 0) : undefined,
    )
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1' })
    await expect(slow.push({ playbookPatches: [patch] })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await kindsOf(agro)).toEqual(['creation'])
  })
})

describe('who decides', () => {
  it('[PUB-13] is never who proposed it, nor a device, nor one without the right', async () => {
    const { ana, ben, eva, admin, workspaceId } = await farm()
    const proposalId = idOf(await new Publisher(ana).publish(3))
    const before = await footprint(services, workspaceId)
    await expect(approve(ana, proposalId)).rejects.toMatchObject(FOUR_EYES)
    await expect(reject(ana, proposalId)).rejects.toMatchObject(FOUR_EYES)
    await expect(approve(admin, proposalId)).rejects.toMatchObject(FOUR_EYES)
    const grant = { code: 'FORBIDDEN', details: { reason: 'grant' } }
    await expect(approve(eva, proposalId)).rejects.toMatchObject(grant)
    await expect(reject(eva, proposalId)).rejects.toMatchObject(grant)
    await expect(approve(ben, ProposalId.parse('prp_9'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await footprint(services, workspaceId)).toEqual(before)
  })

  it('[PUB-13] the operator may, but not on what the operator proposed', async () => {
    const { ana, workspaceId } = await farm()
    const system = await services.system(workspaceId)
    const proposalId = idOf(await new Publisher(ana).publish(3))
    const approved = await approveProposal({ ctx: system, input: { proposalId } })
    expect(approved.document.toJSON()).toMatchObject({ state: 'approved', decidedBy: null })
  })

  it('[PUB-14, OPS-87, OPS-88] rejects with a reason, or withdraws one’s own', async () => {
    const { ana, ben } = await farm()
    const first = idOf(await new Publisher(ana).publish(3))
    expect(await reject(ben, first)).toMatchObject({ state: 'rejected', decisionReason: 'Not now' })
    const second = idOf(await new Publisher(ana).publish(3))
    await expect(withdraw(ben, second)).rejects.toMatchObject(FOUR_EYES)
    expect(await withdraw(ana, second)).toMatchObject({ state: 'withdrawn', decidedBy: 'dev_ana' })
    await expect(approve(ben, first)).rejects.toMatchObject(decided('rejected'))
    await expect(reject(ben, second)).rejects.toMatchObject(decided('withdrawn'))
    expect(await kindsOf(ana)).toEqual(['creation'])
  })

  it('[PUB-15] a proposal whose base has moved on is stale, and is only rejected or withdrawn', async () => {
    const { ana, ben } = await farm()
    const [first, second] = [
      idOf(await new Publisher(ana).publish(3)),
      idOf(await new Publisher(ana).publish(3, content('Second.'))),
    ]
    await approve(ben, first)
    const open = await listProposals({ ctx: ana.ctx(), input: { state: 'open', playbookId: STARTER } })
    expect(open.items.toJSON()).toMatchObject([{ proposalId: second, stale: true }])
    await expect(approve(ben, second)).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { reason: 'stale', activeVersion: 4 },
    })
    expect(await reject(ben, second)).toMatchObject({ state: 'rejected', stale: false })
  })

  it('[PUB-15, OPS-84] proposals are listed page by page, the newest first', async () => {
    const { ana } = await farm()
    const by = new Publisher(ana)
    for (const text of ['One.', 'Two.', 'Three.']) await by.publish(3, content(text))
    const page = await listProposals({ ctx: ana.ctx(), input: { limit: 2 } })
    expect(page.items.toJSON().map(({ proposalId }) => proposalId)).toEqual(['prp_3', 'prp_2'])
    const rest = await listProposals({ ctx: ana.ctx(), input: { cursor: page.nextCursor ?? '' } })
    expect(rest.items.toJSON().map(({ proposalId }) => proposalId)).toEqual(['prp_1'])
    expect(rest.nextCursor).toBeNull()
  })
})

describe('at the same time', () => {
  it('[PUB-13, PUB-14] of an approval and a withdrawal one takes effect, and the other says which', async () => {
    const { ana, ben, workspaceId } = await farm()
    for (let round = 0; round < 4; round++) {
      const { items } = await listPlaybookVersions({
        ctx: ana.ctx(),
        input: { playbookId: STARTER, limit: 1 },
      })
      const base = items.toJSON()[0]?.version ?? 0
      const id = idOf(await new Publisher(ana).publish(base, content(`Round ${round}.`)))
      const [approved, withdrawn] = await Promise.allSettled([
        approve(ben.at(services.anotherServer()), id),
        withdraw(ana, id),
      ])
      if (approved.status === 'fulfilled')
        expect(withdrawn).toMatchObject({ status: 'rejected', reason: decided('approved') })
      else {
        expect(approved).toMatchObject({ reason: decided('withdrawn') })
        expect(withdrawn.status).toBe('fulfilled')
      }
    }
    expect(await verifyAudit({ ctx: await services.system(workspaceId), input: {} })).toMatchObject({
      ok: true,
    })
  })

  it('[PUB-13] of two approvals of two proposals on one base the second is stale', async () => {
    const { ana, ben } = await farm()
    const ids = [
      idOf(await new Publisher(ana).publish(3)),
      idOf(await new Publisher(ana).publish(3, content('Second.'))),
    ]
    const outcomes = await Promise.allSettled(ids.map((id) => approve(ben, id)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { details: { reason: 'stale' } } },
    ])
  })

  it('[PUB-13] a crash before the commit leaves the proposal open, and the same call approves it then', async () => {
    const { ana, ben } = await farm()
    const id = idOf(await new Publisher(ana).publish(3))
    const dying = ben.interrupted((name) =>
      name === 'fieldsync_commit_all' ? Promise.reject(new Error('the server died')) : undefined,
    )
    await expect(approve(dying, id, 'key_1')).rejects.toThrow('the server died')
    const open = await listProposals({ ctx: ana.ctx(), input: { state: 'open' } })
    expect(open.items.toJSON()).toMatchObject([{ proposalId: id }])
    expect(await approve(ben, id, 'key_1')).toMatchObject({ state: 'approved', newVersion: 4 })
  })
})
