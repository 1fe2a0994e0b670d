import { observation, playbookPatch, recommendation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type TestDevice, testServices } from '../testing/test-workspace.ts'

const services = await testServices()

const ids = (records: readonly { observationId: string }[]): string[] =>
  records.map((each) => each.observationId)
const many = (count: number, author = 'dev_scout_1') =>
  Array.from({ length: count }, () => observation({ deviceId: author }))

async function couple(): Promise<{ workspaceId: string; alice: TestDevice; bob: TestDevice }> {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  return { workspaceId: workspace.workspaceId, alice, bob: await workspace.device('dev_scout_2') }
}

describe('a page', () => {
  it('[DWN-1][DWN-2] holds at most maxDownstream observations and recommendations together', async () => {
    const { alice, bob } = await couple()
    const observations = many(30)
    const recommendations = observations.map(({ observationId }) => recommendation({ observationId }))
    await alice.push({ observations, recommendations })
    for (const size of [1, 7, 29, 30, 31, 59]) {
      const pages = await bob.pullAll('', size)
      const counts = pages.map(
        ({ downstream }) => downstream.observations.length + downstream.recommendations.length,
      )
      expect(counts.slice(0, -1).every((count) => count === size)).toBe(true)
      expect(counts.reduce((a, b) => a + b)).toBe(60)
    }
    const { downstream } = await bob.pull('', 60)
    expect(downstream).toMatchObject({ observations, recommendations, hasMore: false })
  })

  it('[DWN-1] holds 500 unless asked otherwise, and 1000 at most', async () => {
    const { alice, bob } = await couple()
    await alice.push({ observations: many(1000) })
    await alice.push({ observations: many(1) })
    expect((await bob.pull()).downstream.observations).toHaveLength(500)
    const { downstream } = await bob.pull('', 1000)
    expect(downstream.observations).toHaveLength(1000)
    expect(downstream.hasMore).toBe(true)
  })

  it('[DWN-1] ends at about 4 MiB', async () => {
    const { alice, bob } = await couple()
    const text = 'ü'.repeat(19_900)
    const large = many(90).map((record) => ({
      ...record,
      rawNoteText: text,
      transcription: { ...record.transcription, text },
    }))
    await alice.push({ observations: large.slice(0, 45) })
    await alice.push({ observations: large.slice(45) })
    const pages = await bob.pullAll()
    expect(pages.flatMap(({ downstream }) => ids(downstream.observations))).toEqual(ids(large))
    expect(pages.map(({ downstream }) => downstream.hasMore)).toEqual([true, false])
    const bytes = Buffer.byteLength(JSON.stringify(pages[0]?.downstream.observations))
    expect(bytes).toBeGreaterThan(4 * 1024 * 1024)
    expect(bytes).toBeLessThan(4 * 1024 * 1024 + 90_000)
  })

  it('[DWN-1] always holds a record while any are left, however large it is', async () => {
    const { workspaceId, alice, bob } = await couple()
    const observations = many(3)
    await alice.push({ observations })
    await services.owner.pool.query(
      'UPDATE observations SET document_bytes = 100000000 WHERE workspace_id = $1',
      [workspaceId],
    )
    const pages = await bob.pullAll()
    expect(pages.map(({ downstream }) => downstream.observations.length)).toEqual([1, 1, 1])
  })

  it('[DWN-3] delivers the own older records to a re-installed app', async () => {
    const { alice } = await couple()
    const observations = many(3)
    await alice.push({ observations })
    expect((await alice.pull()).downstream.observations).toEqual(observations)
  })

  it('[DWN-4] a record that changes between pages comes once, at its newest position', async () => {
    const { alice, bob } = await couple()
    const observations = many(6)
    await alice.push({ observations })
    const first = await bob.pull('', 2)
    const [again, moved] = [observations[0], observations[3]].map((record) => ({
      ...(record ?? observation()),
      rawNoteText: 'Edited',
      updatedAt: '2026-02-12T07:00:00Z',
    }))
    await alice.push({ observations: [again, moved].filter((record) => record !== undefined) })
    const rest = (await bob.pullAll(first.serverCursor, 2)).flatMap(
      ({ downstream }) => downstream.observations,
    )
    expect(rest.slice(0, 3)).toEqual([observations[2], observations[4], observations[5]])
    expect(new Set(rest.slice(3))).toEqual(new Set([again, moved]))
    expect(rest).toHaveLength(5)
  })

  it('[DWN-4] what one batch changed comes in the order it was accepted in, stored before or not', async () => {
    const { alice, bob } = await couple()
    const [first, second, third] = many(3).toSorted((a, b) => (a.observationId < b.observationId ? -1 : 1))
    if (!first || !second || !third) throw new Error('there are three')
    const { serverCursor } = await alice.push({ observations: [first, second] })
    const again = (record: typeof first, rawNoteText: string) => ({
      ...record,
      rawNoteText,
      updatedAt: '2026-02-12T07:00:00Z',
    })
    const once = { ...again(second, 'Once.'), updatedAt: '2026-02-12T06:00:00Z' }
    await alice.push({
      observations: [third, once, again(first, 'Edited.'), again(second, 'Twice.')],
    })
    const pages = await bob.pullAll(serverCursor, 1)
    expect(pages.flatMap(({ downstream }) => ids(downstream.observations))).toEqual(
      ids([third, first, second]),
    )
  })

  it('[DWN-4] a recommendation may arrive on an earlier page than its observation', async () => {
    const { alice, bob } = await couple()
    const [seen] = many(1)
    if (!seen) throw new Error('one was made')
    const advice = recommendation({ observationId: seen.observationId })
    await alice.push({ observations: [seen], recommendations: [advice] })
    await alice.push({ observations: [{ ...seen, status: 'confirmed', updatedAt: '2026-02-12T07:00:00Z' }] })
    const [one, two] = await bob.pullAll('', 1)
    expect(one?.downstream).toMatchObject({ observations: [], recommendations: [advice] })
    expect(two?.downstream).toMatchObject({ observations: [{ status: 'confirmed' }], recommendations: [] })
  })

  it('[SHP-9] delivers the records with the values they were sent with', async () => {
    const { alice, bob } = await couple()
    const odd = observation({
      rawNoteText: 'ü \u{1f347} "quoted" \\ \u2028 </script> \u0001 \u001e 1e400',
      location: { lat: -0, lon: 1e-7 },
      createdAt: '2026-02-11T18:00:00.123456789+01:30',
    })
    const answer = await alice.push({ observations: [odd] })
    expect(answer.acceptedCounts.observations).toBe(1)
    expect((await bob.pull()).downstream.observations).toEqual([{ ...odd, location: { lat: 0, lon: 1e-7 } }])
  })

  it('[SHP-9] whatever characters they have, and however long a batch of them is', async () => {
    const { alice, bob } = await couple()
    const rawNoteText = 'Échaudage, Ränder \u{1f347}, 霜 '.repeat(60)
    const long = many(100).map((record) => ({ ...record, rawNoteText }))
    await alice.push({ observations: long })
    expect((await bob.pull()).downstream.observations).toEqual(long)
  })
})

describe('playbooks', () => {
  it('[DWN-5] come whole with the page that holds their change, and not again', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const bob = await workspace.device('dev_scout_2')
    const start = await bob.pull()
    expect(start.downstream).toMatchObject({ playbook: { version: 3 }, playbooks: [{ version: 3 }] })
    await agro.push({
      observations: many(3, 'dev_agro_1'),
      playbookPatches: [playbookPatch({ requestedByDeviceId: 'dev_agro_1' })],
    })
    const pages = await bob.pullAll(start.serverCursor, 2)
    expect(pages.map(({ downstream }) => downstream.playbook.version)).toEqual([4, 4])
    expect(pages.map(({ downstream }) => downstream.playbooks?.map(({ version }) => version))).toEqual([
      undefined,
      [4],
    ])
    expect((await bob.pull(pages.at(-1)?.serverCursor)).downstream).not.toHaveProperty('playbooks')
  })

  it('[DWN-5] that this batch changed come always, also on a page that ends before them', async () => {
    const workspace = await services.workspace()
    const agro = await workspace.device('dev_agro_1', 'agronomist')
    const bob = await workspace.device('dev_scout_2')
    await bob.push({ observations: many(3, 'dev_scout_2') })
    const patch = playbookPatch({ requestedByDeviceId: 'dev_agro_1' })
    const answer = await agro.push({ playbookPatches: [patch], maxDownstream: 1 })
    expect(answer.downstream.hasMore).toBe(true)
    expect(answer.downstream.playbooks).toMatchObject([{ version: 4 }])
  })
})

describe('tombstones', () => {
  it('[DWN-6] come in order of the log, and the record no longer', async () => {
    const { workspaceId, alice, bob } = await couple()
    const observations = many(4)
    await alice.push({ observations })
    const { serverCursor } = await bob.pull('', 2)
    // What an operator's deletion leaves behind.
    await services.owner.pool.query(
      `WITH head AS (UPDATE workspace_heads SET position = position + 1 WHERE workspace_id = $1 RETURNING position),
         gone AS (DELETE FROM observations WHERE workspace_id = $1 AND observation_id = $2),
         log AS (INSERT INTO log_commits SELECT $1, position, position, sha256('secret'), now() FROM head)
       INSERT INTO tombstones SELECT $1, position, 'observation', $2, '2026-02-12T09:00:00Z' FROM head`,
      [workspaceId, observations[2]?.observationId],
    )
    const gone = {
      entityType: 'observation',
      entityId: observations[2]?.observationId,
      at: '2026-02-12T09:00:00.000Z',
    }
    const { downstream } = await bob.pull(serverCursor)
    expect(downstream.observations).toEqual(observations.slice(3))
    expect(downstream.deleted).toEqual([gone])
    const pages = await bob.pullAll('', 1)
    expect(pages.map((page) => page.downstream.deleted)).toEqual([undefined, undefined, [gone]])
    expect((await bob.pull(pages.at(-1)?.serverCursor)).downstream).not.toHaveProperty('deleted')
    const pushed = await bob.push({
      observations: many(1, 'dev_scout_2'),
      lastKnownServerCursor: serverCursor,
    })
    expect(pushed.downstream.deleted).toEqual([gone])
  })
})
