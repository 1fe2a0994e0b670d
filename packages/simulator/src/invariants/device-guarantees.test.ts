import { Observation } from '@fieldsync/contracts'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { ModelServer } from '../model/model-server.ts'
import type { DeviceCopy } from '../state/device-copy.ts'
import {
  converged,
  currentRecords,
  drained,
  isolated,
  nothingDisappears,
  nothingLostOnDevice,
} from './device-guarantees.ts'

const clock = { now: () => Date.parse('2026-02-12T08:00:00Z') }
const written = (rawNoteText: string): Observation =>
  Observation.parse(observation({ observationId: 'obs_20260211_0001', rawNoteText }))

function farms() {
  const server = new ModelServer({ clock })
  for (const workspaceId of ['ws_a', 'ws_b']) server.createWorkspace(workspaceId)
  const states = [server.state('ws_a'), server.state('ws_b')] as const
  for (const [i, state] of states.entries()) {
    const record = written(`Of farm ${i}.`)
    state.observations.set(record.observationId, { record, timeMicros: 0, storedAt: '' })
  }
  return states
}

const copy = (overrides: Partial<DeviceCopy> = {}): DeviceCopy => ({
  device: 'dev_scout_1',
  workspaceId: 'ws_a',
  server: new Map(),
  queued: [],
  losing: [],
  shown: new Set(),
  localOnly: new Set(),
  countedLocalOnly: 0,
  ...overrides,
})

describe('[GUA-4] equal copies', () => {
  it('are found, and found missing, other, or too many', () => {
    const [state] = farms()
    // A store gives records back, whatever their type was called.
    const held = () => new Map(currentRecords(state)) as DeviceCopy['server']
    expect(converged(copy({ server: held() }), state)).toEqual([])
    const [missing, other, more] = [held(), held(), held()]
    missing.delete('playbook/pbk_yolo_grape')
    other.set('observation/obs_20260211_0001', written('Another.'))
    more.set('observation/obs_20260211_0002', written('More.'))
    for (const server of [missing, other, more]) expect(converged(copy({ server }), state)).toHaveLength(1)
  })
})

describe('[GUA-7] isolation', () => {
  it('is broken by a record that only another workspace ever held', () => {
    const server = new ModelServer({ clock })
    const record = written('Of farm b.')
    for (const workspaceId of ['ws_a', 'ws_b']) {
      server.createWorkspace(workspaceId)
      server.createDevice({ workspaceId, deviceId: 'dev_scout_1', role: 'scout', token: workspaceId })
    }
    const states = () => [server.state('ws_a'), server.state('ws_b')]
    const batch = (syncId: string) =>
      JSON.stringify({
        syncId,
        requestedAt: '2026-02-12T08:00:00Z',
        device: {
          deviceId: 'dev_scout_1',
          platform: 'ios',
          appVersion: '1',
          modelPackageVersion: '1',
          offlineModeEnabled: true,
          updatedAt: '2026-02-12T08:00:00Z',
        },
        lastKnownServerCursor: '',
        upserts: { observations: [record], recommendations: [], playbookPatches: [] },
      })
    const held = copy({ server: new Map([['observation/obs_20260211_0001', record]]) })
    expect(isolated([held], states())).toEqual([])
    server.syncBatch({ token: 'ws_b', key: 'key', body: batch('syn_1') })
    expect(isolated([held], states())).toEqual(['dev_scout_1 has observation/obs_20260211_0001 of ws_b'])
    server.syncBatch({ token: 'ws_a', key: 'key', body: batch('syn_2') })
    expect(isolated([held], states())).toEqual([])
  })
})

describe('G9: nothing is lost on the device', () => {
  const [first, last] = [written('First.'), written('Last.')]
  const journal = { written: [first, last], accepted: [], givenUp: [] }

  it.each<[string, string[]]>([
    ['queued', nothingLostOnDevice(journal, copy({ queued: [last] }))],
    ['in conflict', nothingLostOnDevice(journal, copy({ losing: [last] }))],
    ['accepted', nothingLostOnDevice({ ...journal, accepted: [last] }, copy())],
    ['given up', nothingLostOnDevice({ ...journal, givenUp: [last] }, copy())],
  ])('a write that is %s is not lost', (_where, findings) => {
    expect(findings).toEqual([])
  })

  it('a write that is nowhere is lost, also where an earlier one of the record is somewhere', () => {
    const lost = ['dev_scout_1 lost its last write of obs_20260211_0001']
    expect(nothingLostOnDevice(journal, copy())).toEqual(lost)
    expect(nothingLostOnDevice({ ...journal, accepted: [first] }, copy())).toEqual(lost)
  })
})

it('G10: a queue that is not empty is reported', () => {
  expect(drained([copy(), copy({ queued: [written('Waits.')] })])).toEqual([
    'dev_scout_1 still has 1 writes to send',
  ])
})

describe('[ENG-41] what was shown', () => {
  const seen = new Set(['observation/a', 'observation/b'])

  it('is found to have disappeared, but not where it was given up', () => {
    expect(nothingDisappears(copy({ shown: seen }), seen, new Set())).toEqual([])
    const left = copy({ shown: new Set(['observation/a']) })
    expect(nothingDisappears(left, seen, new Set())).toHaveLength(1)
    expect(nothingDisappears(left, seen, new Set(['observation/b']))).toEqual([])
  })

  it('is counted where it is only here', () => {
    const localOnly = new Set(['observation/a'])
    expect(nothingDisappears(copy({ localOnly }), new Set(), new Set())).toHaveLength(1)
    expect(nothingDisappears(copy({ localOnly, countedLocalOnly: 1 }), new Set(), new Set())).toEqual([])
  })
})
