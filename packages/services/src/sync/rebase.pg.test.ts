import { observation, playbookPatch, type PlaybookPatchInput } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type TestDevice, testServices } from '../testing/test-workspace.ts'

const services = await testServices()

const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const WINDOW = '/rules/rule_pm_moderate/timing/baseWindowHours'
const TEXT = '/rules/rule_heat_moderate/action/instructions'

const mine = (baseVersion: number, path = WIND, value: unknown = 9): PlaybookPatchInput =>
  playbookPatch({
    requestedByDeviceId: 'dev_agro_1',
    baseVersion,
    operations: [{ op: 'replace', path, value }] as PlaybookPatchInput['operations'],
  })

async function agronomist(): Promise<TestDevice> {
  return await (await services.workspace()).device('dev_agro_1', 'agronomist')
}

const rebaseOf = async (device: TestDevice, patch: PlaybookPatchInput) => {
  const { conflicts } = await device.push({ playbookPatches: [patch] })
  expect(conflicts).toMatchObject([{ code: 'PLAYBOOK_VERSION_MISMATCH', resolution: 'rebase' }])
  return conflicts[0]?.playbook
}

describe('a patch on another version', () => {
  it('[CNF-3][CNF-4][CNF-5] carries the active playbook and what happened since its base', async () => {
    const agro = await agronomist()
    const made = [mine(3, TEXT, 'Water early.'), mine(4, WINDOW, { startOffsetHours: 1, endOffsetHours: 5 })]
    await agro.push({ playbookPatches: made })
    const state = await rebaseOf(agro, mine(3, WIND))
    expect(state?.activeVersion).toBe(5)
    expect(state?.document).toEqual((await agro.pull()).downstream.playbooks?.[0])
    expect(state?.intervening.map(({ patchId, version }) => [patchId, version])).toEqual([
      [made[0]?.patchId, 4],
      [made[1]?.patchId, 5],
    ])
    expect(state?.intervening[0]?.paths).toEqual([TEXT])
    expect(state?.overlapping).toBe(false)
  })

  it.each([
    ['the same path', WIND, 9, true],
    ['another path', TEXT, 'Other', false],
    ['a path above', `${WINDOW}/startOffsetHours`, 1, true],
    ['a path below', WINDOW, { startOffsetHours: 3, endOffsetHours: 7 }, true],
  ])('[CNF-5] %s', async (name, path, value, overlapping) => {
    const agro = await agronomist()
    const first =
      name === 'a path above'
        ? mine(3, WINDOW, { startOffsetHours: 1, endOffsetHours: 5 })
        : name === 'a path below'
          ? mine(3, `${WINDOW}/startOffsetHours`, 1)
          : mine(3, WIND)
    await agro.push({ playbookPatches: [first] })
    expect((await rebaseOf(agro, mine(3, path, value)))?.overlapping).toBe(overlapping)
  })

  it('[CNF-5] a base before the starter counts as overlapping', async () => {
    const agro = await agronomist()
    expect(await rebaseOf(agro, mine(1, TEXT, 'Other'))).toMatchObject({
      overlapping: true,
      intervening: [{ patchId: null, version: 3 }],
    })
  })

  it.each([4, 2_147_483_648, Number.MAX_SAFE_INTEGER])(
    '[CNF-6] a base of %i ahead counts as overlapping',
    async (base) => {
      const agro = await agronomist()
      expect(await rebaseOf(agro, mine(base, TEXT, 'Other'))).toMatchObject({
        activeVersion: 3,
        overlapping: true,
        intervening: [],
      })
      await expect(agro.patch(mine(base))).rejects.toMatchObject({
        code: 'PLAYBOOK_VERSION_MISMATCH',
        details: { activeVersion: 3 },
      })
    },
  )

  it('[CNF-4] counts the versions that its own batch made', async () => {
    const agro = await agronomist()
    const first = mine(3, TEXT, 'Water early.')
    const { conflicts } = await agro.push({ playbookPatches: [first, mine(3, WIND), mine(3, TEXT, 'Late.')] })
    expect(conflicts.map(({ playbook }) => playbook?.intervening)).toEqual([
      [{ patchId: first.patchId, version: 4, paths: [TEXT] }],
      [{ patchId: first.patchId, version: 4, paths: [TEXT] }],
    ])
    expect(conflicts.map(({ playbook }) => [playbook?.activeVersion, playbook?.overlapping])).toEqual([
      [4, false],
      [4, true],
    ])
  })

  it.each([100, 101])('[CNF-4] after %i versions', async (versions) => {
    const agro = await agronomist()
    const made = Array.from({ length: versions }, (_, i) => mine(3 + i, TEXT, `Edit ${i}`))
    const split = Math.floor(versions / 2)
    await agro.push({ playbookPatches: made.slice(0, split) })
    await agro.push({ playbookPatches: made.slice(split) })
    const state = await rebaseOf(agro, mine(3, WIND))
    expect(state?.intervening.map(({ patchId }) => patchId)).toEqual(
      made.slice(0, 100).map(({ patchId }) => patchId),
    )
    expect(state?.overlapping).toBe(versions > 100)
  })

  it('[CNF-3][CNF-8] a whole batch of them is answered with bounded work', async () => {
    const agro = await agronomist()
    await agro.push({ playbookPatches: [mine(3, TEXT, 'Water early.')] })
    let reads = 0
    const counting = agro.interrupted((statement) => {
      if (statement === 'versions_since') reads++
      return undefined
    })
    const { conflicts } = await counting.push({
      playbookPatches: Array.from({ length: 200 }, () => mine(3, WIND)),
      observations: [observation({ deviceId: 'dev_agro_1' })],
    })
    expect(conflicts.filter(({ playbook }) => playbook?.intervening.length === 1)).toHaveLength(200)
    expect(reads).toBe(1)
  })
})
