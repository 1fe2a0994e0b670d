import { Playbook } from '@fieldsync/contracts'
import type { VersionStep } from '@fieldsync/db'
import { canonicalText } from '@fieldsync/domain'
import { playbook, playbookPatch, type PlaybookPatchInput } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { caller, decided, upsertsOf } from '../testing/decided.ts'
import { decidePatches } from './decide-patches.ts'
import { BatchDecisions } from './decision.ts'
import { addRebaseInformation } from './rebase-information.ts'
import { NOTHING_STORED, workingSetOf } from './working-set.ts'

const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const RIDGE = 'pbk_ridge'
const VALLEY = 'pbk_valley'
const stored = (playbookId: string) => ({
  id: playbookId,
  document: canonicalText(Playbook.parse(playbook({ playbookId, version: 7 }))),
  retired: false,
  fourEyes: false,
})
const playbookRows = [stored(RIDGE), stored(VALLEY)]
const patch = (playbookId: string, baseVersion: number): PlaybookPatchInput =>
  playbookPatch({ playbookId, baseVersion })

/** Versions after one of a playbook, which name both, and which of them were read. */
function history(paths: string[] = [WIND]) {
  const reads: string[] = []
  const versionsSince = (playbookId: string, version: number, limit: number): Promise<VersionStep[]> => {
    reads.push(`${playbookId} after ${version}, at most ${limit}`)
    return Promise.resolve([{ version: version + 1, patchId: `pch_${playbookId}`, paths }])
  }
  return { reads, versionsSince }
}

describe('what a patch is to be rebased on', () => {
  it('[CNF-4] is what came after its own base in its own playbook, read once for all patches on it', async () => {
    const { reads, versionsSince } = history()
    const sent = [patch(RIDGE, 5), patch(RIDGE, 6), patch(VALLEY, 5), patch(RIDGE, 5)]
    const { decisions } = await decided(caller(), { playbookPatches: sent }, { playbookRows }, versionsSince)
    const intervening = decisions.conflicts.map(({ conflict }) => conflict.playbook?.intervening)
    expect(intervening).toEqual([
      [{ version: 6, patchId: 'pch_pbk_ridge', paths: [WIND] }],
      [{ version: 7, patchId: 'pch_pbk_ridge', paths: [WIND] }],
      [{ version: 6, patchId: 'pch_pbk_valley', paths: [WIND] }],
      [{ version: 6, patchId: 'pch_pbk_ridge', paths: [WIND] }],
    ])
    expect(reads).toEqual([
      'pbk_ridge after 5, at most 101',
      'pbk_ridge after 6, at most 101',
      'pbk_valley after 5, at most 101',
    ])
  })

  it('[CNF-4] is not what the same batch has changed in another playbook', async () => {
    const sent = [patch(VALLEY, 7), patch(RIDGE, 6)]
    const { decisions } = await decided(caller(), { playbookPatches: sent }, { playbookRows })
    expect(decisions.accepted.playbookPatches).toBe(1)
    expect(decisions.conflicts.map(({ conflict }) => conflict.playbook?.intervening)).toEqual([[]])
  })

  it('is read for no other conflict', async () => {
    const { reads, versionsSince } = history()
    const sent = [{ ...patch(RIDGE, 7), requestedByDeviceId: 'dev_other' }]
    const { decisions } = await decided(caller(), { playbookPatches: sent }, { playbookRows }, versionsSince)
    expect(decisions.conflicts.map(({ conflict }) => [conflict.code, conflict.playbook])).toEqual([
      ['FORBIDDEN', undefined],
    ])
    expect(reads).toEqual([])
  })
})

describe('[ERR-17] the size of an answer', () => {
  /** Decisions that also list what they count. */
  class Counting extends BatchDecisions {
    readonly spent: number[] = []

    override spend(characters: number): void {
      this.spent.push(characters)
      super.spend(characters)
    }
  }

  /** A patch that was refused on this many versions, each with two paths of eight characters. */
  async function spentOn(versions: number, before = 0) {
    const { canonical, asked } = upsertsOf({ playbookPatches: [patch(RIDGE, 1), patch(RIDGE, 2)] })
    const set = workingSetOf({ ...NOTHING_STORED, asked, playbookRows })
    const decisions = new Counting()
    decidePatches(caller(), set, canonical.playbookPatches, decisions)
    decisions.spend(before)
    decisions.spent.length = 0
    const steps = Array.from({ length: versions }, (_, index) => ({
      version: index + 2,
      patchId: null,
      paths: ['/rules/1', '/rules/2'],
    }))
    const reads: number[] = []
    await addRebaseInformation(set, decisions, (_, version) => {
      reads.push(version)
      return Promise.resolve(steps)
    })
    return { spent: decisions.spent, reads }
  }
  const document = playbookRows[0]?.document.length ?? 0

  it('counts the playbook and the paths that each conflict repeats', async () => {
    expect((await spentOn(3)).spent).toEqual([document + 3 * 16, document + 3 * 16])
  })

  it('counts no versions beyond the hundred that are named', async () => {
    expect((await spentOn(101)).spent).toEqual([document + 100 * 16, document + 100 * 16])
  })

  it('ends the reading once it is reached', async () => {
    const most = 8 * 1024 * 1024
    expect((await spentOn(1, most)).reads).toEqual([1])
    expect((await spentOn(1, most + 1)).reads).toEqual([])
  })
})
