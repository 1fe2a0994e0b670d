import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import type { WorkspaceWrite } from '@fieldsync/db'
import { describe, expect, it } from 'vitest'

import { baseWrite } from '../write/base-write.ts'
import { CommitGroup, isLarge } from './commit-group.ts'
import type { ServiceContext } from './context.ts'

type Call = { readonly write: WorkspaceWrite; readonly weight: number; readonly name: string }

const KiB = 1024
const at = new Date('2026-02-12T08:00:00.000Z')
let devices = 0

/** A write that was decided on nothing, of a device of its own unless given. */
function call(name: string, parts: Partial<WorkspaceWrite> = {}, weight = 1): Call {
  const ctx = {
    actor: {
      kind: 'device',
      workspaceId: WorkspaceId.parse('ws_one'),
      deviceId: DeviceId.parse(`dev_${++devices}`),
      role: 'scout',
      epoch: 1,
    },
    request: { requestId: 'req_1', traceId: '0'.repeat(32), via: 'rest', idempotencyKey: name },
  } as ServiceContext
  const record = {
    action: 'sync.batch',
    at,
    changes: [],
    target: null,
    requestSha256: null,
    outcome: { ok: true, code: null },
  }
  return { name, weight, write: { ...baseWrite(ctx, record), exclusive: false, ...parts } }
}

/**
 * Offers calls to a group, in order. A group that says that it took a call has it, one that refused it has not, and its
 * workspaces are those of the calls that it has.
 * @returns who is in, in which round
 */
function grouped(calls: readonly Call[], { oneWorkspace = false } = {}): string[] {
  const group = new CommitGroup<Call>({ oneWorkspace })
  const taken = calls.filter((each) => group.take(each))
  const members = group.members.map(({ call: { name }, round }) => `${name} ${round}`)
  expect(taken.map(({ name }) => name).toSorted()).toEqual(
    group.members.map(({ call: { name } }) => name).toSorted(),
  )
  expect(group.workspaces).toEqual([...new Set(taken.map(({ write }) => write.workspaceId))])
  return members
}

const elsewhere = { workspaceId: 'ws_two' }
const edit = { changedObservations: ['"id":"obs_1"'] }

describe('writes that share a transaction', () => {
  it('[BAT-1] are of any workspaces and devices, in one round', () => {
    expect(grouped([call('a'), call('b', elsewhere), call('c')])).toEqual(['a 1', 'b 1', 'c 1'])
  })

  it('[BAT-1] are never two that write or were decided on the same record, but in different workspaces', () => {
    const touches = ['obs_1']
    expect(
      grouped([
        call('a', { touches }),
        call('b', { touches: ['obs_2', 'obs_1'] }),
        call('c', { touches: ['obs_2'] }),
      ]),
    ).toEqual(['a 1', 'c 1'])
    expect(grouped([call('a'), call('b', { touches }), call('c', { touches })])).toEqual(['a 1', 'b 1'])
    expect(grouped([call('a', { touches }), call('b', { touches, ...elsewhere })])).toEqual(['a 1', 'b 1'])
  })

  it('[BAT-1, IDM-4] are never two of one device, hence never two under one key', () => {
    const deviceId = 'dev_same'
    expect(
      grouped([call('a', { deviceId }), call('b', { deviceId }), call('c', { deviceId, ...elsewhere })]),
    ).toEqual(['a 1', 'c 1'])
    expect(grouped([call('a'), call('b', { deviceId }), call('c', { deviceId })])).toEqual(['a 1', 'b 1'])
  })

  it('[BAT-1] have none of their workspace beside them where they change a playbook', () => {
    const exclusive = true
    expect(grouped([call('a', { exclusive }), call('b'), call('c', elsewhere)])).toEqual(['a 1', 'c 1'])
    expect(grouped([call('a'), call('b', { exclusive }), call('c')])).toEqual(['a 1', 'c 1'])
  })

  it('[HSH-3] that change stored records are the first of their workspace in a round', () => {
    expect(grouped([call('a'), call('b', edit), call('c'), call('d', edit), call('e')])).toEqual([
      'b 1',
      'a 1',
      'c 1',
      'd 2',
      'e 2',
    ])
    expect(grouped([call('a', edit), call('b', { ...edit, ...elsewhere })])).toEqual(['a 1', 'b 1'])
    const recommendations = { changedRecommendations: ['"id":"rec_1"'] }
    expect(grouped([call('a', edit), call('b', recommendations)])).toEqual(['a 1', 'b 2'])
  })

  it('[BAT-1] take eight rounds of a workspace at most', () => {
    const edits = Array.from({ length: 10 }, (_, i) => call(`e${i}`, edit))
    expect(grouped([...edits, call('new')])).toEqual([
      ...edits.slice(0, 8).map(({ name }, i) => `${name} ${i + 1}`),
      'new 8',
    ])
  })

  it('[BAT-1] are of one workspace where that is wanted', () => {
    expect(grouped([call('a'), call('b', elsewhere), call('c')], { oneWorkspace: true })).toEqual([
      'a 1',
      'c 1',
    ])
  })
})

it('[BAT-1] a large write has no others beside it, and small ones are as many as fit', () => {
  const large = call('large', {}, 513 * KiB)
  expect([isLarge(large), isLarge(call('small', {}, 512 * KiB))]).toEqual([true, false])
  expect(grouped([large, call('b', elsewhere)])).toEqual(['large 1'])
  expect(grouped([call('a'), { ...large, weight: 512 * KiB }, call('c', elsewhere)])).toEqual(['a 1', 'c 1'])
  // Up to the last character, and a call that was refused takes no room.
  const half = { ...large, weight: 256 * KiB }
  const refused = call('refused', { deviceId: large.write.deviceId }, 256 * KiB)
  expect(grouped([half, refused, call('b', {}, 256 * KiB)])).toEqual(['large 1', 'b 1'])
  const many = Array.from({ length: 70 }, (_, i) => call(`w${i}`))
  expect(grouped(many)).toHaveLength(64)
  const group = new CommitGroup<Call>({ oneWorkspace: false })
  expect(many.map((each) => group.take(each) && group.isFull)).not.toContain(true)
  expect(group.isFull).toBe(true)
})
