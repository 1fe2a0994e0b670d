import { observation, recommendation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type TestDevice, type TestWorkspace, testServices } from '../testing/test-workspace.ts'

const services = await testServices()

const INVALID = { code: 'CURSOR_INVALID' }
const ids = (pages: { downstream: { observations: { observationId: string }[] } }[]): string[] =>
  pages.flatMap(({ downstream }) => downstream.observations.map((each) => each.observationId))

/** Pushes `commits` batches of `size` observations; answers their ids in order. */
async function fill(device: TestDevice, commits: number, size: number): Promise<string[]> {
  const made: string[] = []
  for (let i = 0; i < commits; i++) {
    const observations = Array.from({ length: size }, () => observation({ deviceId: device.actor.deviceId }))
    await device.push({ observations })
    made.push(...observations.map((each) => each.observationId))
  }
  return made
}

const dropSecrets = (workspace: TestWorkspace, upTo: string) =>
  services.owner.pool.query(
    `DELETE FROM log_commits WHERE workspace_id = $1 AND last_position < (SELECT ${upTo} FROM log_commits WHERE workspace_id = $1)`,
    [workspace.workspaceId],
  )

describe('start', () => {
  it.each(['', 'cur_20260211_0000'])(
    '[CUR-2] %j means from the beginning, for a pull and for a push',
    async (start) => {
      const workspace = await services.workspace()
      const alice = await workspace.device('dev_scout_1')
      const made = await fill(alice, 2, 2)
      const bob = await workspace.device('dev_scout_2')
      expect(ids([await bob.pull(start)])).toEqual(made)
      const mine = observation({ deviceId: 'dev_scout_2' })
      expect(ids([await bob.push({ observations: [mine], lastKnownServerCursor: start })])).toEqual(made)
    },
  )
})

describe('following', () => {
  it.each([1, 2, 3, 5, 7, 1000])(
    '[CUR-3] in pages of %i delivers everything once, in order, through commits',
    async (size) => {
      const workspace = await services.workspace()
      const alice = await workspace.device('dev_scout_1')
      const bob = await workspace.device('dev_scout_2')
      const made = await fill(alice, 3, 4)
      const pages = await bob.pullAll('', size)
      expect(ids(pages)).toEqual(made)
      expect(pages.map(({ downstream }) => downstream.hasMore)).toEqual([
        ...pages.slice(1).map(() => true),
        false,
      ])
      expect((await bob.pull(pages.at(-1)?.serverCursor)).downstream.observations).toEqual([])
      for (const [i, { serverCursor }] of pages.entries()) {
        expect(ids(await bob.pullAll(serverCursor))).toEqual(made.slice((i + 1) * size))
      }
    },
  )

  it('[CUR-4] at the head the cursor covers the own writes, which are not echoed', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const [theirs] = await fill(bob, 1, 1)
    const seen = observation()
    const answer = await alice.push({
      observations: [seen],
      recommendations: [recommendation({ observationId: seen.observationId })],
    })
    expect(ids([answer])).toEqual([theirs])
    expect(answer.downstream).toMatchObject({ recommendations: [], hasMore: false })
    expect((await alice.pull(answer.serverCursor)).downstream).toMatchObject({
      observations: [],
      recommendations: [],
    })
    expect((await alice.pull(answer.serverCursor)).serverCursor).toBe(answer.serverCursor)
  })

  it('[DWN-2] with more to come the own writes come back on a later page, and nothing is lost', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const theirs = await fill(bob, 1, 5)
    const mine = observation()
    const answer = await alice.push({ observations: [mine], maxDownstream: 2 })
    expect(answer.downstream.hasMore).toBe(true)
    expect([...ids([answer]), ...ids(await alice.pullAll(answer.serverCursor, 2))]).toEqual([
      ...theirs,
      mine.observationId,
    ])
  })
})

describe('proof', () => {
  it('[CUR-5] every change of one character is refused, in a pull and in a push', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    await fill(alice, 2, 3)
    const { serverCursor } = await alice.pull('', 2)
    const changed = [...serverCursor].flatMap((_, i) =>
      ['0', 'f', '_', ' ', ''].map((other) => serverCursor.slice(0, i) + other + serverCursor.slice(i + 1)),
    )
    const tampered = [
      ...new Set([...changed, `${serverCursor}0`, `0${serverCursor}`, serverCursor.toUpperCase()]),
    ].filter((each) => each !== serverCursor)
    expect(tampered.length).toBeGreaterThan(100)
    await Promise.all(
      tampered.map((cursor) => expect(alice.pull(cursor), cursor).rejects.toMatchObject(INVALID)),
    )
    const batch = syncBatch({ observations: [observation()] })
    for (const cursor of tampered.slice(0, 10)) {
      await expect(alice.send({ ...batch, lastKnownServerCursor: cursor })).rejects.toMatchObject(INVALID)
    }
    expect((await alice.send({ ...batch, lastKnownServerCursor: serverCursor })).replayed).toBe(false)
  })

  it.each([
    'x',
    'null',
    'cur1_0_00000000000000000000000000000000',
    'cur1_-1_00000000000000000000000000000000',
    'cur1_999999999999999_00000000000000000000000000000000',
    'cur1_9999999999999999999_00000000000000000000000000000000',
    'cur_20260211_0001',
    'ü\u{1f347}',
    'x'.repeat(1024),
  ])('[CUR-5] %s is refused', async (cursor) => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    await expect(alice.pull(cursor)).rejects.toMatchObject(INVALID)
  })

  it('[CUR-5][GUA-7] a cursor of another workspace is refused, at equal positions too', async () => {
    const workspace = await services.workspace()
    const elsewhere = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const namesake = await elsewhere.device('dev_scout_1')
    await fill(alice, 2, 2)
    await fill(namesake, 2, 2)
    const ours = await alice.pullAll('', 1)
    const theirs = await namesake.pullAll('', 1)
    for (const [i, { serverCursor }] of theirs.entries()) {
      expect(serverCursor.split('_')[1]).toBe(ours[i]?.serverCursor.split('_')[1])
      await expect(alice.pull(serverCursor)).rejects.toMatchObject(INVALID)
    }
  })

  it('[CUR-5] a position with the proof of another one is refused', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    await fill(alice, 1, 4)
    const cursors = (await alice.pullAll('', 1)).map(({ serverCursor }) => serverCursor)
    for (const a of cursors) {
      for (const b of cursors) {
        const [version, position] = a.split('_')
        if (a !== b)
          await expect(alice.pull(`${version}_${position}_${b.split('_')[2]}`)).rejects.toMatchObject(INVALID)
      }
    }
  })
})

describe('retention', () => {
  it('[CUR-7] a cursor whose secret was dropped is refused; the newest stays valid, and everything can be pulled again', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const bob = await workspace.device('dev_scout_2')
    const made = await fill(alice, 4, 3)
    const pages = await bob.pullAll('', 1)
    await dropSecrets(workspace, 'max(last_position)')
    for (const { serverCursor } of pages.slice(0, 9))
      await expect(bob.pull(serverCursor)).rejects.toMatchObject(INVALID)
    expect(ids(await bob.pullAll(pages.at(-1)?.serverCursor))).toEqual([])
    expect(ids(await bob.pullAll(pages.at(-2)?.serverCursor))).toEqual(made.slice(-1))
    // From the beginning, in pages that end where secrets were dropped.
    for (const size of [1, 2, 5]) expect(ids(await bob.pullAll('', size))).toEqual(made)
    const pushed = await bob.push({
      observations: [observation({ deviceId: 'dev_scout_2' })],
      maxDownstream: 2,
    })
    expect(ids([pushed, ...(await bob.pullAll(pushed.serverCursor, 2))]).slice(0, 12)).toEqual(made)
  })

  it('[CUR-7] a cursor that was given out for an old position follows the retention too', async () => {
    const workspace = await services.workspace()
    const alice = await workspace.device('dev_scout_1')
    const made = await fill(alice, 4, 2)
    await dropSecrets(workspace, 'max(last_position) - 2')
    const { serverCursor } = await alice.pull('', 1)
    expect(ids(await alice.pullAll(serverCursor))).toEqual(made.slice(1))
    await dropSecrets(workspace, 'max(last_position)')
    await expect(alice.pull(serverCursor)).rejects.toMatchObject(INVALID)
  })
})
