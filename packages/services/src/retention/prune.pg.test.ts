import { observation, syncBatch } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { testServices } from '../testing/test-workspace.ts'
import { CURSOR_DAYS, KEY_DAYS, pruneExpired } from './prune.ts'

const services = await testServices()
const { db, clock } = services
const DAY_MS = 86_400_000

describe('pruning', () => {
  it('[IDM-8] keeps a key for at least 30 days; a re-send after it was dropped is harmless', async () => {
    const scout = await (await services.workspace()).device('dev_scout_1')
    const batch = syncBatch({ observations: [observation()] })
    await scout.send(batch)
    clock.advance(30 * DAY_MS)
    await pruneExpired({ db, clock })
    expect((await scout.send(batch)).replayed).toBe(true)
    clock.advance((KEY_DAYS - 29) * DAY_MS)
    expect((await pruneExpired({ db, clock })).answers).toBeGreaterThan(0)
    const again = await scout.send(batch)
    expect(again.replayed).toBe(false)
    expect(again.answer.acceptedCounts.observations).toBe(1)
    expect(again.answer.downstream.observations).toHaveLength(1)
  })

  it('[CUR-7] drops old cursors, never the one of the newest commit', async () => {
    const scout = await (await services.workspace()).device('dev_scout_1')
    const first = await scout.send(syncBatch({ observations: [observation()] }))
    const second = await scout.send(syncBatch({ observations: [observation()] }))
    const pullFrom = (lastKnownServerCursor: string) => scout.send(syncBatch({ lastKnownServerCursor }))
    clock.advance((CURSOR_DAYS - 1) * DAY_MS)
    await pruneExpired({ db, clock })
    expect((await pullFrom(first.answer.serverCursor)).answer.downstream.observations).toHaveLength(1)
    clock.advance(2 * DAY_MS)
    await pruneExpired({ db, clock })
    await expect(pullFrom(first.answer.serverCursor)).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
    expect((await pullFrom(second.answer.serverCursor)).answer.downstream.hasMore).toBe(false)
  })
})
