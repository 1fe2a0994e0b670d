import { describe, expect, it } from 'vitest'

import type { EngineEvent } from '../core/engine-events.ts'
import { queueNumbers } from '../core/engine-meta.ts'
import type { EngineStatus } from '../core/engine-status.ts'
import type { ForeignStore } from '../core/foreign-store.ts'
import { StatusBoard } from './status-board.ts'

const FOREIGN: ForeignStore = {
  reason: 'other_device',
  hidden: true,
  owner: { deviceId: 'dev_ben', workspaceUid: null },
  reached: null,
}

function heard() {
  const board = new StatusBoard()
  const events: EngineEvent[] = []
  board.subscribe((event) => events.push(event))
  return { board, events }
}

describe('the status', () => {
  it('[ENG-20] begins at rest', () => {
    expect(new StatusBoard().status).toEqual({
      state: 'idle',
      pending: 0,
      conflicts: 0,
      quarantined: 0,
      localOnly: 0,
      lastSyncAt: null,
      clockOffset: 0,
      nextTryAt: null,
      problem: null,
      problemDetail: null,
      progress: null,
      foreign: null,
      wipe: null,
    })
  })

  it.each<[Partial<EngineStatus>]>([
    [{ state: 'syncing' }],
    [{ pending: 1 }],
    [{ problem: 'no network' }],
    [{ lastSyncAt: 5 }],
    [{ progress: { sent: 0, received: 0 } }],
    [{ foreign: FOREIGN }],
  ])('[ENG-20] reports that %j is new, once', (change) => {
    const { board, events } = heard()
    board.set(change)
    expect(board.status).toMatchObject(change)
    expect(events).toEqual([{ kind: 'statusChanged', status: board.status }])
    const before = board.status
    board.set(structuredClone(change))
    expect(board.status).toBe(before)
    expect(events).toHaveLength(1)
  })

  it.each([
    [{ sent: 2, received: 1 }, true],
    [{ sent: 1, received: 2 }, true],
    [{ sent: 1, received: 1 }, false],
    [null, true],
  ])('[ENG-20] from one sent and one received, %j is news: %s', (progress, isNews) => {
    const { board, events } = heard()
    board.set({ progress: { sent: 1, received: 1 } })
    board.set({ progress })
    expect(board.status.progress).toEqual(progress)
    expect(events).toHaveLength(isNews ? 2 : 1)
  })

  it('[ENG-20] shows the numbers of the queue, with the last sync and the clock; unknown, the clock is right', () => {
    const { board } = heard()
    const queue = {
      ...queueNumbers(undefined),
      pending: 1,
      conflicts: 2,
      quarantined: 3,
      localOnly: 4,
      nextSequence: 9,
    }
    const position = { cursor: '', stateHash: '' as never, generation: 0, lastSyncAt: 5, owner: null }
    board.count(queue, { ...position, clockOffset: 60_000 })
    const numbers = { pending: 1, conflicts: 2, quarantined: 3, localOnly: 4, lastSyncAt: 5 }
    expect(board.status).toMatchObject({ ...numbers, clockOffset: 60_000 })
    board.count(queue, position)
    expect(board.status).toMatchObject({ ...numbers, clockOffset: 0 })
    expect(board.status).not.toHaveProperty('nextSequence')
  })
})

describe('listeners', () => {
  it('[ENG-20] are called as often as they subscribed, each until it ends', () => {
    const board = new StatusBoard()
    const heardOf: string[] = []
    const listener = ({ kind }: EngineEvent) => heardOf.push(kind)
    const ends = [board.subscribe(listener), board.subscribe(listener)]
    board.emit({ kind: 'cursorReset' })
    expect(heardOf).toHaveLength(2)
    ends[0]?.()
    board.emit({ kind: 'cursorReset' })
    expect(heardOf).toHaveLength(3)
    ends[1]?.()
    board.emit({ kind: 'cursorReset' })
    expect(heardOf).toHaveLength(3)
  })

  it('[ENG-20] that throw stop nothing, and their errors are handed over where a program wants them', () => {
    const errors: unknown[] = []
    const heardOf: string[] = []
    for (const board of [new StatusBoard((error) => errors.push(error)), new StatusBoard()]) {
      const gone = new Error('the screen is gone')
      board.subscribe(() => {
        throw gone
      })
      board.subscribe(({ kind }) => heardOf.push(kind))
      board.emit({ kind: 'cursorReset' })
      expect(errors).toEqual([gone])
    }
    expect(heardOf).toEqual(['cursorReset', 'cursorReset'])
  })
})
