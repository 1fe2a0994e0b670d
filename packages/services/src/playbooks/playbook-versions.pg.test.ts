import { PlaybookId, PlaybookVersionRecord, type PlaybookVersionsInput } from '@fieldsync/contracts'
import { playbookPatch } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { followPages } from '../testing/follow-pages.ts'
import { testServices } from '../testing/test-workspace.ts'
import { listPlaybookVersions } from './list.ts'

const services = await testServices()
const playbookId = PlaybookId.parse('pbk_yolo_grape')

async function patchedThrice() {
  const workspace = await services.workspace()
  const agro = await workspace.device('dev_agro_1', 'agronomist')
  const patches = [3, 4, 5].map((baseVersion) =>
    playbookPatch({ requestedByDeviceId: 'dev_agro_1', baseVersion, reason: `On ${baseVersion}` }),
  )
  // Refused under an id that is accepted later.
  const early = patches.map((patch) => ({ ...patch, baseVersion: 9, reason: 'Too early.' }))
  await agro.push({ playbookPatches: early })
  await agro.push({ playbookPatches: patches })
  const viewer = await workspace.device('dev_viewer', 'viewer')
  const list = (page: Omit<PlaybookVersionsInput, 'playbookId'> = {}) =>
    listPlaybookVersions({ ctx: viewer.ctx(), input: { playbookId, ...page } })
  return { agro, patches, list }
}

it('[OPS-27] the versions of a playbook are listed with who made them, when, why and by what', async () => {
  const { agro, patches, list } = await patchedThrice()
  // A refused attempt under an accepted id makes no version and hides none.
  await agro.push({ playbookPatches: patches.map((patch) => ({ ...patch, reason: 'Other.' })) })
  const page = await list()
  expect(page.nextCursor).toBeNull()
  const createdAt = services.clock.now().toISOString()
  const items = page.items.toJSON()
  expect(items).toEqual([
    ...patches
      .map((patch, i) => ({
        playbookId,
        version: 4 + i,
        createdAt,
        active: i === 2,
        kind: 'patch',
        deviceId: 'dev_agro_1',
        reason: patch.reason,
        proposalId: null,
        approvedBy: null,
        patch,
        paths: patch.operations.map(({ path }) => path),
      }))
      .toReversed(),
    {
      playbookId,
      version: 3,
      createdAt,
      active: false,
      kind: 'creation',
      deviceId: null,
      reason: null,
      proposalId: null,
      approvedBy: null,
      patch: null,
      paths: [''],
    },
  ])
  for (const item of items) PlaybookVersionRecord.parse(item)
})

it('[OPS-27][IDS-3] shows the patch of its own workspace, where another one has a patch of the same id', async () => {
  const id = playbookPatch({}).patchId
  const lists = []
  for (const reason of ['Ours.', 'Theirs.']) {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    await agro.push({
      playbookPatches: [playbookPatch({ patchId: id, requestedByDeviceId: 'dev_agro_1', reason })],
    })
    lists.push(() => listPlaybookVersions({ ctx: agro.ctx(), input: { playbookId } }))
  }
  const reasons = await Promise.all(
    lists.map(async (list) => (await list()).items.toJSON().map(({ patch }) => patch?.reason)),
  )
  expect(reasons).toEqual([
    ['Ours.', undefined],
    ['Theirs.', undefined],
  ])
})

it('[OPS-27][OPS-17] page by page, each once', async () => {
  const { list } = await patchedThrice()
  const { items, pages } = await followPages((page) => list({ limit: 2, ...page }))
  expect(items.map(({ version }) => version)).toEqual([6, 5, 4, 3])
  expect(pages).toEqual([2, 2])
})

it('[OPS-27] of an unknown playbook are NOT_FOUND', async () => {
  const device = await (await services.workspace()).device('dev_viewer', 'viewer')
  const input = { playbookId: PlaybookId.parse('pbk_none') }
  await expect(listPlaybookVersions({ ctx: device.ctx(), input })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})
