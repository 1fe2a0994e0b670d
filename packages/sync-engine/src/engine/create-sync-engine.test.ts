import { Device, Observation } from '@fieldsync/contracts'
import { device, observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { SyncEngineOptions } from '../core/engine-options.ts'
import { MemoryDisk } from '../stores/memory/memory-store.ts'
import { START } from '../testing/documents.ts'
import { DEVICE } from '../testing/test-context.ts'
import { accepted, engineOf } from './testing/test-engine.ts'

const MINUTE = 60_000
const fails = () => Promise.reject(new Error('no network'))

describe('an engine', () => {
  it('[ENG-19] does nothing before it is asked', async () => {
    const { engine, calls, pass, timers, save } = await engineOf()
    expect(await engine.load()).toMatchObject({ state: 'idle', pending: 0, foreign: null })
    await save()
    await pass(60 * MINUTE)
    expect([calls, timers.size]).toEqual([[], 0])
  })

  it('[ENG-19] that is started twice is started once', async () => {
    const { engine, calls, pass, timers, counts } = await engineOf()
    engine.start()
    engine.start()
    await pass(0)
    expect([calls.length, counts.sessions, timers.size]).toEqual([1, 1, 1])
  })

  it('[ENG-19] syncs every five minutes, and as often as the settings say', async () => {
    const usual = await engineOf()
    usual.engine.start()
    await usual.pass(15 * MINUTE)
    expect(usual.calls).toHaveLength(4)
    const often = await engineOf({ settings: { interval: MINUTE } })
    often.engine.start()
    await often.pass(15 * MINUTE)
    expect(often.calls).toHaveLength(16)
  })

  it('[ENG-19] syncs two seconds after a write, once for several, and not after one that is refused', async () => {
    const { engine, calls, pass, save } = await engineOf()
    engine.start()
    await pass(0)
    await save()
    await pass(1_500)
    await save()
    await pass(1_999)
    expect(calls).toHaveLength(1)
    await pass(1)
    expect(calls).toHaveLength(2)
    await engine.saveObservation({} as never)
    await pass(10_000)
    expect(calls).toHaveLength(2)
  })

  it('[ENG-31] asks who the server is with its first call, and after another credential', async () => {
    const { engine, counts, turns } = await engineOf()
    await engine.sync()
    await engine.sync()
    expect(counts.sessions).toBe(1)
    engine.credentialsChanged()
    await turns()
    expect(counts.sessions).toBe(2)
  })

  it('[ENG-31] asks who the server is again while it has no cursor', async () => {
    const { engine, counts, steps } = await engineOf({ settings: { attempts: 1 } })
    steps.push(fails)
    await engine.sync()
    expect(counts.sessions).toBe(1)
    await engine.sync()
    expect(counts.sessions).toBe(2)
    await engine.sync()
    expect(counts.sessions).toBe(2)
  })

  it('[ENG-31] asks who the server is before the next call of a run in which the credential changes', async () => {
    const { engine, counts, steps, save } = await engineOf({ settings: { batchRecords: 1 } })
    await save()
    await save()
    const sessions: number[] = []
    steps.push(
      (call) => {
        engine.credentialsChanged()
        return accepted(call)
      },
      (call) => {
        sessions.push(counts.sessions)
        return accepted(call)
      },
    )
    await engine.sync()
    expect(sessions).toEqual([2])
  })

  it('[ENG-35] sends what is unsent as soon as its store was adopted, behind a full pull', async () => {
    const { engine, store, save, calls } = await engineOf()
    await engine.sync()
    await save()
    const other = `wsu_${'2'.repeat(32)}/${DEVICE}`
    await store.write(async (transaction) => {
      const position = (await transaction.get('values', 'position')) as Record<string, string>
      await transaction.put('values', 'position', { ...position, owner: other })
    })
    engine.credentialsChanged()
    expect(await engine.sync()).toMatchObject({ state: 'error', foreign: { reason: 'other_workspace' } })
    expect(calls).toHaveLength(1)
    expect(await engine.foreign.adopt()).toEqual({ ok: true })
    expect(engine.status()).toMatchObject({ state: 'syncing', foreign: null })
    expect(await engine.sync()).toMatchObject({ state: 'idle', pending: 0 })
    expect(calls.length).toBeGreaterThan(2)
  })

  it('[ENG-20] shows how far a run is, and nothing behind its end', async () => {
    const { engine, save, events } = await engineOf({ settings: { batchRecords: 1 } })
    await save()
    await save()
    await engine.sync()
    const shown = events.flatMap((event) => (event.kind === 'statusChanged' ? [event.status.progress] : []))
    expect(shown.filter((each) => each !== null)).toContainEqual({ sent: 0, received: 0 })
    expect(shown).toContainEqual({ sent: 1, received: 0 })
    expect(shown).toContainEqual({ sent: 2, received: 0 })
    expect(engine.status()).toMatchObject({ state: 'idle', progress: null, pending: 0 })
  })

  it('[ENG-20] reports each step after it is stored', async () => {
    const { engine, save, kinds, events } = await engineOf()
    await save()
    await engine.sync()
    expect(kinds()).toEqual(['saved', 'stateChanged', 'sent', 'accepted', 'stateChanged'])
    expect(events).toContainEqual({ kind: 'stateChanged', from: 'idle', to: 'syncing' })
    expect(events).toContainEqual(expect.objectContaining({ kind: 'sent', records: 1, again: false }))
  })

  it('[ENG-20] reports no more than a call where nothing is new', async () => {
    const { engine, kinds } = await engineOf()
    await engine.sync()
    expect(kinds()).toEqual(['stateChanged', 'sent', 'stateChanged'])
  })

  it('[ENG-20] reports what others changed, and whether more follows', async () => {
    const { engine, steps, events } = await engineOf()
    const theirs = Observation.parse(observation({}, seededRandom(182)))
    steps.push((call) => accepted(call, { observations: [theirs], hasMore: true }))
    await engine.sync()
    const changed = [{ type: 'observation', id: theirs.observationId }]
    expect(events).toContainEqual({ kind: 'downstream', changed, deleted: [], hasMore: true })
    expect(await engine.recordStatus('observation', theirs.observationId)).toBe('synced')
  })

  it('[ENG-57] reports a clock that is wrong', async () => {
    const { engine, set, events } = await engineOf()
    set(START + 60 * MINUTE)
    await engine.sync()
    expect(events).toContainEqual({ kind: 'clockSkew', offsetMs: 60 * MINUTE })
    expect(engine.status().clockOffset).toBe(60 * MINUTE)
  })
})

describe('the network', () => {
  const network = (isOnline: () => boolean) => {
    const listeners = new Set<(online: boolean) => void>()
    return {
      connectivity: {
        isOnline,
        onChange: (listener: (online: boolean) => void) => {
          listeners.add(listener)
          return () => void listeners.delete(listener)
        },
      },
      say: (online: boolean) => listeners.forEach((listener) => listener(online)),
      listeners,
    }
  }

  it('[ENG-27] that is away keeps a started engine from calling, until it is back', async () => {
    const { connectivity, say, listeners } = network(() => false)
    const { engine, calls, pass } = await engineOf({ connectivity })
    engine.start()
    await pass(0)
    expect([engine.status().state, calls.length]).toEqual(['offline', 0])
    say(true)
    await pass(0)
    expect([engine.status().state, calls.length]).toEqual(['idle', 1])
    say(false)
    expect(engine.status().state).toBe('offline')
    await engine.stop()
    expect(listeners.size).toBe(0)
  })

  it.each([
    ['says no', () => false, 'offline'],
    ['says yes', () => true, 'sync_deferred'],
    [
      'cannot say',
      () => {
        throw new Error('no such module')
      },
      'sync_deferred',
    ],
  ])('[ENG-27] a failed run ends by what the platform says: it %s', async (_, isOnline, state) => {
    const { engine, steps } = await engineOf({
      connectivity: network(isOnline).connectivity,
      settings: { attempts: 1 },
    })
    steps.push(fails)
    expect((await engine.sync()).state).toBe(state)
  })

  it('[ENG-19] a poke starts a sync, and one that comes during another is followed by one more', async () => {
    const pokes = new Set<() => void>()
    const poke = {
      subscribe: (onPoke: () => void) => {
        pokes.add(onPoke)
        return () => void pokes.delete(onPoke)
      },
    }
    const { engine, calls, steps, pass } = await engineOf({ poke })
    engine.start()
    await pass(0)
    steps.push((call) => {
      for (const each of pokes) {
        each()
        each()
      }
      return accepted(call)
    })
    for (const each of pokes) each()
    await pass(0)
    expect(calls).toHaveLength(3)
    await engine.stop()
    expect(pokes.size).toBe(0)
  })
})

describe('what a program asks an engine for', () => {
  it('[ENG-23] previews store nothing, and say what a save would', async () => {
    const { engine } = await engineOf()
    const note = observation({ deviceId: DEVICE }, seededRandom(183))
    expect(await engine.preview.observation(note)).toEqual({ ok: true, likelyConflict: null })
    expect(await engine.preview.recommendation({} as never)).toMatchObject({ ok: false })
    expect(await engine.preview.patch({} as never)).toMatchObject({ ok: false })
    expect(await engine.record('observation', note.observationId)).toBeNull()
  })

  it('[ENG-22] of a store of another device: nothing of it, but its export', async () => {
    const disk = new MemoryDisk()
    const first = await engineOf({}, disk)
    const saved = await first.save()
    const id = saved.ok ? saved.record.id : ''
    const other = await engineOf({ device: () => Device.parse(device({ deviceId: 'dev_ben' })) }, disk)
    expect(await other.engine.load()).toMatchObject({ pending: 1, foreign: { reason: 'other_device' } })
    await other.engine.load()
    expect(other.events.filter(({ kind }) => kind === 'foreignStore')).toHaveLength(1)
    expect(await other.engine.record('observation', id)).toBeNull()
    expect(await other.engine.recordStatus('observation', id)).toBeNull()
    expect(await other.engine.conflicts()).toEqual([])
    expect(await other.engine.conflict('any')).toBeNull()
    expect(await other.engine.conflictsOf('observation', id)).toEqual([])
    expect((await other.engine.exportQueue()).entries).toEqual([])
    expect((await other.engine.foreign.export()).entries).toHaveLength(1)
    expect(await other.engine.foreign.adopt()).toMatchObject({ ok: false })
    expect(await other.engine.sync()).toMatchObject({ state: 'error' })
    expect(other.calls).toEqual([])
  })

  it('[ENG-17] lists what waits for a person by pages, and finds each', async () => {
    const { engine, store } = await engineOf()
    const losing = Observation.parse(observation({}, seededRandom(184)))
    const ids = Array.from(
      { length: 101 },
      (_, i) => `conflict/observation/obs_${String(i).padStart(3, '0')}/1`,
    )
    await store.write((transaction) =>
      transaction.putMany(
        'conflicts',
        ids.map((id, i) => {
          const entityId = `obs_${String(i).padStart(3, '0')}`
          const cut = {
            kind: 'local',
            type: 'observation',
            place: '1',
            foundAt: 0,
            server: null,
            code: null,
          } as const
          return [id, { id, entityId, losing, resolution: 'accept_server', message: '', ...cut }]
        }),
      ),
    )
    expect((await engine.conflicts()).map(({ id }) => id)).toEqual(ids.slice(0, 100))
    expect((await engine.conflicts({ after: ids[98] ?? '', limit: 1 })).map(({ id }) => id)).toEqual([
      ids[99],
    ])
    expect(await engine.conflict(ids[100] ?? '')).toMatchObject({ id: ids[100] })
    expect(await engine.conflictsOf('observation', 'obs_100')).toMatchObject([{ id: ids[100] }])
  })

  it.each([
    ['viewer', 'FORBIDDEN'],
    ['agronomist', undefined],
    [() => 'viewer' as const, 'FORBIDDEN'],
    [() => undefined, undefined],
  ])('[ENG-23] the likely conflict of a write is that of its role: %s', async (role, code) => {
    const { engine } = await engineOf({ role } as Partial<SyncEngineOptions>)
    const outcome = await engine.preview.observation(observation({ deviceId: DEVICE }, seededRandom(185)))
    expect(outcome.ok && outcome.likelyConflict?.code).toBe(code)
  })
})
