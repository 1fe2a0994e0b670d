import { SyncId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { onUnanswered } from './on-unanswered.ts'
import type { SyncRunState } from './sync-run.ts'
import { failedRun } from './testing/failed-run.ts'

describe('a call without an answer', () => {
  const cut = {
    kind: 'unanswered',
    problem: 'cut',
    cause: 'server',
    retryAfterMs: null,
    timedOut: false,
  } as const
  const deferred = { event: 'deferred', reason: 'cut', retryAfterMs: null, progressed: true }
  const memory = { progressed: true }

  it('[ENG-48] defers the run the first time, and asks by a smallest pull the second', async () => {
    const first = await failedRun({ memory })
    expect(await onUnanswered(first.options, first.memory, first.call, cut)).toEqual(deferred)
    expect(first.stored('isolation')).toEqual({ failures: 1 })
    expect(await onUnanswered(first.options, first.memory, first.call, cut)).toBe('continue')
    expect(first.memory.doubted).toMatchObject({
      failed: { syncId: first.call.syncId, page: 8 },
      reason: 'cut',
    })
  })

  it.each<[string, Partial<SyncRunState>, object, boolean]>([
    ['whose time limit has passed', memory, { timedOut: true }, true],
    ['while a call is searched for', { ...memory, searching: true }, {}, true],
    ['of a server that asks for a pause', { ...memory, searching: true }, { cause: 'busy' }, false],
    [
      'of a server that asks for less than the longest wait',
      { ...memory, searching: true },
      { retryAfterMs: 30_000 },
      true,
    ],
    ['of a server that asks for more', { ...memory, searching: true }, { retryAfterMs: 30_001 }, false],
  ])('[ENG-48] %s is asked about at once: %s', async (_, known, more, isDoubted) => {
    const { options, memory: own, call, waits } = await failedRun({ memory: known })
    const ended = await onUnanswered(options, own, call, { ...cut, ...more })
    expect(ended === 'continue').toBe(isDoubted)
    expect(own.doubted !== null).toBe(isDoubted)
    const asked = 'retryAfterMs' in more ? more.retryAfterMs : 0
    expect(waits).toEqual(isDoubted ? [asked] : [])
  })

  it('[ENG-48] which is the smallest pull says nothing about the call before it', async () => {
    const doubted = {
      failed: { syncId: SyncId.parse('syn_1'), places: [], bytes: 0, page: 8, cause: 'server' as const },
      reason: 'before',
    }
    const { options, memory: own, call, stored } = await failedRun({ memory: { ...memory, doubted } })
    expect(await onUnanswered(options, own, call, cut)).toEqual(deferred)
    expect([own.doubted, stored('isolation')]).toEqual([doubted, undefined])
  })

  it('[ENG-49] of an earlier version asked for a page as the program does', async () => {
    const { options, memory: own, call } = await failedRun({ memory: { ...memory, searching: true } })
    const { page: _page, ...earlier } = call
    await onUnanswered(options, own, earlier, cut)
    expect(own.doubted?.failed.page).toBe(500)
  })
})
