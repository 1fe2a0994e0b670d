import { observation, playbookPatch, recommendation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { testServices } from '../testing/test-workspace.ts'

const services = await testServices()

describe('a batch', () => {
  it('[BAT-5] counts what the server now holds, and delivers it to others', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const seen = observation()
    const { answer } = await alice.send(
      syncBatch({
        observations: [seen],
        recommendations: [recommendation({ observationId: seen.observationId })],
      }),
    )
    expect(answer.acceptedCounts).toEqual({ observations: 1, recommendations: 1, playbookPatches: 0 })
    expect(answer.conflicts).toEqual([])
    expect(answer.downstream.observations).toEqual([])
    expect(answer.downstream.playbook.version).toBe(3)
    const pulled = await bob.send(syncBatch())
    expect(pulled.answer.downstream.observations).toEqual([seen])
    expect(pulled.answer.downstream.recommendations).toHaveLength(1)
    expect(pulled.answer.serverCursor).toBe(answer.serverCursor)
  })

  it('[BAT-7] applies a chain of patches in one call', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_agro_1', 'agronomist')
    const patches = [3, 4, 5].map((baseVersion) =>
      playbookPatch({ baseVersion, requestedByDeviceId: 'dev_agro_1' }),
    )
    const { answer } = await alice.send(syncBatch({ playbookPatches: patches }))
    expect(answer.conflicts).toEqual([])
    expect(answer.downstream.playbooks?.map((playbook) => playbook.version)).toEqual([6])
  })
})
