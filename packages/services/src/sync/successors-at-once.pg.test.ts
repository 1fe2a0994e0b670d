import { describe, expect, it } from 'vitest'

import {
  advised,
  blockWithAdvice,
  driverOf,
  mildew,
  recommendationsOf,
  scoutedBlock,
  successorIn,
  windTo,
} from '../testing/scouted-block.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'

const services = await testServices()

describe('two writes at once', () => {
  /** The second write, from another server, is committed when the first has been decided and not yet written. */
  async function inBetween<T>(
    first: TestDevice,
    send: (device: TestDevice) => Promise<T>,
    second: () => Promise<unknown>,
  ): Promise<T> {
    let came: Promise<unknown> | undefined
    const slow = first.interrupted((statement) => {
      if (statement !== 'fieldsync_commit_all' || came) return undefined
      return (came = second()).then(() => undefined)
    })
    return await send(slow)
  }

  it('[REC-19] a recommendation that comes in while a change is under way gets its successor', async () => {
    const { agro, scout, pending } = await blockWithAdvice(services)
    const second = mildew()
    const late = advised(second)
    await inBetween(
      agro,
      (device) => device.patch(windTo(10, { baseVersion: 3 })),
      () => scout.push({ observations: [second], recommendations: [late] }),
    )
    const all = await recommendationsOf(scout)
    for (const { recommendationId } of [pending, late])
      expect(successorIn(all, recommendationId)).toHaveLength(1)
  })

  it('[REC-19] a change that comes in while a recommendation is under way is not missed', async () => {
    const { agro, scout } = await scoutedBlock(services)
    const second = mildew()
    const late = advised(second)
    await inBetween(
      scout,
      (device) => device.push({ observations: [second], recommendations: [late] }),
      () => agro.patch(windTo(10, { baseVersion: 3 })),
    )
    expect(successorIn(await recommendationsOf(scout), late.recommendationId)).toHaveLength(1)
  })

  it('[REC-19] a confirmation that comes in while a change is under way leaves no successor', async () => {
    const { agro, scout, pending } = await blockWithAdvice(services)
    const confirmed = { ...pending, status: 'confirmed' as const, updatedAt: '2026-02-12T08:00:00.001Z' }
    const { answer } = await inBetween(
      agro,
      (device) => device.patch(windTo(10, { baseVersion: 3 })),
      () => scout.push({ recommendations: [confirmed] }),
    )
    expect(answer.recomputedRecommendationId).toBeNull()
    expect((await recommendationsOf(scout)).size).toBe(1)
  })

  it('[REC-19, REC-21] a change that comes in while a confirmation is under way: its successor says so', async () => {
    const { agro, scout, pending } = await blockWithAdvice(services)
    const confirmed = { ...pending, status: 'confirmed' as const, updatedAt: '2026-02-12T08:00:00.001Z' }
    await inBetween(
      scout,
      (device) => device.push({ recommendations: [confirmed] }),
      () => agro.patch(windTo(10, { baseVersion: 3 })),
    )
    const [successor] = successorIn(await recommendationsOf(scout), pending.recommendationId)
    expect(driverOf(successor, 'supersededStatus')).toBe('confirmed')
  })

  it('[REC-19] two changes: one meets the version of the other, and there is one successor', async () => {
    const { agro, scout, pending } = await blockWithAdvice(services)
    const first = inBetween(
      agro,
      (device) => device.push({ playbookPatches: [windTo(10, { baseVersion: 3 })] }),
      () => agro.patch(windTo(9, { baseVersion: 3 })),
    )
    expect((await first).conflicts).toMatchObject([{ code: 'PLAYBOOK_VERSION_MISMATCH' }])
    const [successor, ...more] = successorIn(await recommendationsOf(scout), pending.recommendationId)
    expect(more).toEqual([])
    expect(driverOf(successor, 'maxWindKph')).toBe('9')
  })

  it('[REC-19] a correction of the note while a change is under way is what the successor rests on', async () => {
    const { agro, scout, seen, pending } = await blockWithAdvice(services)
    const observationTime = '2026-02-12T09:00:00.000Z'
    const corrected = {
      ...seen,
      extraction: { ...seen.extraction, observationTime },
      correction: {
        correctionId: 'cor_1',
        reason: 'Seen later',
        correctedAt: '2026-02-12T08:00:00Z',
        supersedes: seen.deterministicChecksum,
      },
      deterministicChecksum: 'sha256:0000000a',
      updatedAt: '2026-02-12T08:00:00Z',
    }
    await inBetween(
      agro,
      (device) => device.patch(windTo(10, { baseVersion: 3 })),
      () => agro.push({ observations: [corrected] }),
    )
    const [successor] = successorIn(await recommendationsOf(scout), pending.recommendationId)
    expect(Date.parse(successor?.timingWindow.startAt ?? '')).toBe(
      Date.parse(observationTime) + 2 * 3_600_000,
    )
  })
})
