import {
  acceptedBody,
  device,
  isReplay,
  observation,
  playbookPatch,
  postBatch,
  recommendation,
  roundSeeds,
  seededRandom,
  syncBatch,
} from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { holdWrites } from './testing/blocked-writes.ts'
import { contactRecorded } from './testing/contact-recorded.ts'
import { sharedSystem } from './testing/shared-system.ts'
import { rowsOf, tableContents } from './testing/table-contents.ts'

const SENDS = 25
// Each server has one running commit per workspace; the others wait in its queue, to share the next.
const AT_THE_DATABASE = 2
const system = await sharedSystem(2)

/** Two records that are accepted, two that end in a conflict and a patch, for the caller `dev_agro_1`. */
function mixedBatch(seed: number) {
  const rng = seededRandom(seed)
  const seen = observation({ deviceId: 'dev_agro_1', status: 'confirmed' }, rng)
  return syncBatch(
    {
      device: device({ deviceId: 'dev_agro_1' }),
      observations: [seen, observation({ deviceId: 'dev_scout_9' }, rng)],
      recommendations: [recommendation({ observationId: seen.observationId }, rng), recommendation({}, rng)],
      playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_1' }, rng)],
    },
    rng,
  )
}

it.each(roundSeeds(2))(
  '[GUA-2] [IDM-4] 25 parallel sends of one batch at two servers have one effect and one body (seed %i)',
  async (seed) => {
    const workspaceId = await system.workspace()
    const caller = await system.device(workspaceId, 'dev_agro_1', 'agronomist')
    const at = (index: number) => ({ ...caller, url: (system.servers[index % 2] ?? system.servers[0]).url })
    const batch = mixedBatch(seed)
    await postBatch(caller, syncBatch({ device: device({ deviceId: 'dev_agro_1' }) }))
    await contactRecorded(system, workspaceId, 'dev_agro_1')
    const before = rowsOf(await tableContents(system.superuser, { workspaceId }))

    await using writes = await holdWrites(system.superuser, workspaceId)
    const sending = Promise.all(Array.from({ length: SENDS }, (_, index) => postBatch(at(index), batch)))
    await writes.waiting(AT_THE_DATABASE)
    await writes.release()
    const answers = await sending

    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers.filter((answer) => !isReplay(answer))).toHaveLength(1)
    expect(answers.map(acceptedBody)[0]).toMatchObject({
      acceptedCounts: { observations: 1, recommendations: 1, playbookPatches: 1 },
      conflicts: [{ code: 'FORBIDDEN' }, { code: 'RECOMMENDATION_ORPHAN' }],
    })
    const after = await tableContents(system.superuser, { workspaceId })
    expect(rowsOf(after)).toEqual({
      ...before,
      observations: 1,
      recommendations: 1,
      playbook_versions: (before['playbook_versions'] ?? 0) + 1,
      playbook_patches: 1,
      log_commits: (before['log_commits'] ?? 0) + 1,
      sync_events: 1,
      sync_conflicts: 2,
      audit_entries: (before['audit_entries'] ?? 0) + 1,
      device_states: 1,
    })
    expect(await system.verifyAudit(workspaceId)).toMatchObject({ ok: true })

    const again = await Promise.all([0, 1].map((index) => postBatch(at(index), batch)))
    expect(again.map(({ text }) => text)).toEqual([answers[0]?.text, answers[0]?.text])
    expect(again.every(isReplay)).toBe(true)
    expect(await tableContents(system.superuser, { workspaceId })).toEqual(after)
  },
)

it.each(roundSeeds(2))(
  '[IDM-3] [IDM-4] parallel sends under one key with two payloads: one of the two wins everywhere (seed %i)',
  async (seed) => {
    const workspaceId = await system.workspace()
    const caller = await system.device(workspaceId, 'dev_agro_1', 'agronomist')
    const batches = [mixedBatch(seed), mixedBatch(seed + 500_000)]
    const answers = await Promise.all(
      Array.from({ length: SENDS }, async (_, index) => {
        const { url } = system.servers[index % 2] ?? system.servers[0]
        const batch = batches[Math.floor(index / 2) % 2] ?? mixedBatch(seed)
        return { batch, answer: await postBatch({ ...caller, url }, batch, 'one-key') }
      }),
    )
    const won = answers.filter(({ answer }) => answer.status === 200)
    expect(new Set(won.map(({ batch }) => batch.syncId)).size).toBe(1)
    expect(new Set(won.map(({ answer }) => answer.text)).size).toBe(1)
    expect(won.filter(({ answer }) => !isReplay(answer))).toHaveLength(1)
    for (const { answer } of answers) {
      if (answer.status !== 200)
        expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'IDEMPOTENCY_CONFLICT' } })
    }
    expect(rowsOf(await tableContents(system.superuser, { workspaceId }))).toMatchObject({
      observations: 1,
      sync_events: 1,
    })
  },
)
