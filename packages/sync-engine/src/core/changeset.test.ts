import { Observation, Playbook, PlaybookPatch } from '@fieldsync/contracts'
import { EMPTY_STATE_HASH } from '@fieldsync/domain'
import { observation, playbook, playbookPatch, seededRandom, sha256 } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { parked, quarantined } from '../testing/conflicts.ts'
import { deviceStore } from '../testing/device-store.ts'
import { Changeset } from './changeset.ts'
import type { Contact } from './engine-meta.ts'
import type { LocalConflict } from './local-conflict.ts'
import type { OutboxEntry } from './local-record.ts'
import { sequenceKey, type WriteTransaction } from './local-store.ts'

const random = seededRandom(1)
const note = Observation.parse(observation({}, random))
const rules = Playbook.parse(playbook())
const patch = PlaybookPatch.parse(playbookPatch({}, random))

const id = note.observationId
const own = { type: 'observation', id } as const
const ofPlaybook = { type: 'playbook', id: rules.playbookId } as const
const ofPatch = { type: 'playbookPatch', id: patch.patchId } as const

const write = (rawNoteText: string, more: Partial<OutboxEntry> = {}): OutboxEntry => ({
  ...own,
  document: { ...note, rawNoteText },
  writtenAt: 1,
  ...more,
})
const patchWrite: OutboxEntry = { ...ofPatch, document: patch, writtenAt: 1 }
const place = (sequence: number) => sequenceKey(sequence)

/** Counts the calls of a transaction by their names. */
function counting(transaction: WriteTransaction) {
  const calls: string[] = []
  const counted = new Proxy(transaction, {
    get:
      (target, name: keyof WriteTransaction) =>
      (...args: unknown[]) => {
        calls.push(`${name} ${String(args[0])}`)
        return (target[name] as (...all: unknown[]) => unknown).apply(target, args)
      },
  })
  return { transaction: counted, calls }
}

describe('a changeset', () => {
  it('begins with nothing known, and with the contract of a server that announces none', async () => {
    const { change } = await deviceStore()
    await change(({ queue, position, contact, serverContract }) => {
      expect(queue).toEqual({
        nextSequence: 1,
        pending: 0,
        conflicts: 0,
        quarantined: 0,
        localOnly: 0,
        unsettledBefore: 0,
      })
      expect(position).toEqual({
        cursor: '',
        stateHash: EMPTY_STATE_HASH,
        generation: 0,
        lastSyncAt: null,
        owner: null,
        nextArrival: 1,
      })
      expect(contact).toBeUndefined()
      expect(serverContract).toBe('1.3.0')
    })
  })

  it('[ENG-31] knows what the server has announced', async () => {
    const { store, change } = await deviceStore()
    const contact = { contract: '1.5.0' } as Contact
    await store.write((transaction) => transaction.put('values', 'contact', contact))
    await change((changeset) => {
      expect(changeset).toMatchObject({ contact, serverContract: '1.5.0' })
    })
  })

  it('reads each row once, and writes in one call for each table', async () => {
    const { store } = await deviceStore()
    await store.write(async (transaction) => {
      const { transaction: counted, calls } = counting(transaction)
      const changeset = await Changeset.open(counted, sha256)
      await changeset.load([own, own, { ...own, id: 'obs_20260211_0002' }])
      await changeset.load([own])
      await changeset.read('observation', id)
      changeset.enqueue(write('one'))
      changeset.enqueue(write('two'))
      await changeset.entries([place(1), place(2)])
      await changeset.entries([place(9)])
      await changeset.entries([place(9)])
      await changeset.flush(counted)
      expect(calls).toEqual([
        'getMany values',
        'getMany records',
        'getMany outbox',
        'putMany records',
        'putMany values',
        'putMany outbox',
        'put values',
        'put values',
      ])
    })
  })

  it('[ENG-2] that changed nothing writes nothing', async () => {
    const { store, change } = await deviceStore()
    await change(async (changeset) => {
      await changeset.load([own])
      changeset.enqueue(write('one'))
    })
    await store.write(async (transaction) => {
      const { transaction: counted, calls } = counting(transaction)
      const changeset = await Changeset.open(counted, sha256)
      await changeset.read('observation', id)
      await changeset.entries([place(1)])
      await changeset.flush(counted)
      expect(calls).toEqual(['getMany values', 'getMany records', 'getMany outbox'])
    })
  })

  it('[ENG-56] gives a record that came and went no place in the order', async () => {
    const { store } = await deviceStore()
    await store.write(async (transaction) => {
      const { transaction: counted, calls } = counting(transaction)
      const changeset = await Changeset.open(counted, sha256)
      await changeset.load([own])
      changeset.putServer('observation', id, note)
      changeset.putServer('observation', id, null)
      await changeset.flush(counted)
      expect(calls.slice(2)).toEqual(['delete records', 'put values', 'put values'])
      expect(changeset.position.nextArrival).toBe(1)
    })
  })

  it('has no record that was not loaded', async () => {
    const { change } = await deviceStore()
    await change((changeset) => {
      expect(() => changeset.record('observation', id)).toThrow(`observation/${id} was not loaded`)
    })
  })
})

describe('the queue of a record', () => {
  it('[ENG-2] lists its writes in their order, and shows the last one', async () => {
    const device = await deviceStore()
    await device.change(async (changeset) => {
      await changeset.load([own])
      changeset.enqueue(write('one'))
      changeset.enqueue(write('two'))
      expect(changeset.record('observation', id)).toMatchObject({
        queued: [place(1), place(2)],
        local: { rawNoteText: 'two' },
        status: 'pending',
      })
      expect(changeset.queue).toMatchObject({ pending: 2, nextSequence: 3 })
    })
    await device.change(async (changeset) => {
      expect(await changeset.entries([place(2), place(9), place(1)])).toMatchObject([
        { key: place(2), entry: { document: { rawNoteText: 'two' } } },
        { key: place(1), entry: { document: { rawNoteText: 'one' } } },
      ])
    })
    expect(device.findings()).toEqual([])
  })

  it('[ENG-4] a write that is replaced keeps its place and where it was made; the last one is shown', async () => {
    const device = await deviceStore()
    await device.change(async (changeset) => {
      await changeset.load([own])
      changeset.enqueue(write('one', { since: place(0) }))
      changeset.enqueue(write('two'))
      changeset.enqueue(write('three'))
    })
    await device.change(async (changeset) => {
      await changeset.load([own])
      await changeset.entries([place(1), place(2), place(3)])
      changeset.replaceEntry(place(1), write('first'))
      changeset.replaceEntry(place(2), write('second'))
      expect(changeset.record('observation', id).local).toMatchObject({ rawNoteText: 'three' })
      changeset.replaceEntry(place(3), write('third'))
      expect(changeset.record('observation', id).local).toMatchObject({ rawNoteText: 'third' })
      expect(await changeset.entries([place(1), place(2), place(3)])).toStrictEqual([
        { key: place(1), entry: write('first', { since: place(0) }) },
        { key: place(2), entry: write('second') },
        { key: place(3), entry: write('third') },
      ])
    })
    expect(device.tables().outbox.size).toBe(3)
    expect(device.findings()).toEqual([])
  })

  it('[ENG-58] what is resent does not hide what waits for a person; a new write does', async () => {
    const { change } = await deviceStore()
    await change(async (changeset) => {
      await changeset.load([own])
      changeset.addConflict(parked({ ...note, rawNoteText: 'mine' }))
      changeset.enqueue(write('resent', { offer: true }))
      expect(changeset.record('observation', id).local).toMatchObject({ rawNoteText: 'mine' })
      changeset.enqueue(write('newer'))
      expect(changeset.record('observation', id).local).toMatchObject({ rawNoteText: 'newer' })
    })
  })

  it('[CUR-6] what is resent is shown where nothing waits', async () => {
    const { change } = await deviceStore()
    await change(async (changeset) => {
      await changeset.load([own])
      changeset.enqueue(write('resent', { offer: true }))
      expect(changeset.record('observation', id).local).toMatchObject({ rawNoteText: 'resent' })
    })
  })

  it('[ENG-4] a write that leaves it is on its way no longer, where it was', async () => {
    const { change } = await deviceStore()
    await change(async (changeset) => {
      await changeset.load([own])
      for (const text of ['one', 'two', 'three']) changeset.enqueue(write(text))
      changeset.put({ ...changeset.record('observation', id), inFlight: 2 })
      changeset.dequeue(place(3), write('three'))
      expect(changeset.record('observation', id)).toMatchObject({ queued: [place(1), place(2)], inFlight: 2 })
      changeset.dequeue(place(1), write('one'))
      expect(changeset.record('observation', id)).toMatchObject({ queued: [place(2)], inFlight: 1 })
      changeset.dequeue(place(9), write('nine'))
      expect(changeset.record('observation', id)).toMatchObject({ queued: [place(2)], inFlight: 1 })
      expect(changeset.queue.pending).toBe(0)
    })
  })

  it('[ENG-16] of a playbook lists the patches on it', async () => {
    const device = await deviceStore()
    await device.change(async (changeset) => {
      await changeset.load([ofPlaybook, ofPatch])
      changeset.enqueue(patchWrite)
      expect(changeset.record('playbook', rules.playbookId)).toMatchObject({
        queued: [place(1)],
        local: null,
      })
      changeset.put({ ...changeset.record('playbook', rules.playbookId), inFlight: 1 })
      changeset.dequeue(place(1), patchWrite)
      expect(changeset.record('playbook', rules.playbookId)).toMatchObject({ queued: [], inFlight: 0 })
      changeset.put({ ...changeset.record('playbookPatch', patch.patchId), local: null })
    })
    expect(device.findings()).toEqual([])
    expect(device.tables().records.size + device.tables().outbox.size).toBe(0)
  })
})

describe('what waits for a person', () => {
  it('[ENG-12, ENG-38] is counted by its kind, named by its record, and removed again', async () => {
    const device = await deviceStore()
    const [conflict, quarantine] = await device.change(async (changeset) => {
      await changeset.load([own])
      const first = changeset.addConflict(parked(note))
      expect(changeset.record('observation', id)).toMatchObject({ status: 'conflict', local: note })
      expect(changeset.queue).toMatchObject({ conflicts: 1, quarantined: 0 })
      const second = changeset.addConflict(quarantined({ ...note, rawNoteText: 'later' }))
      expect(changeset.record('observation', id)).toMatchObject({ status: 'quarantined', local: note })
      expect(changeset.queue).toMatchObject({ conflicts: 1, quarantined: 1, pending: 0, nextSequence: 3 })
      return [first, second] as const
    })
    expect(conflict).toEqual({ ...parked(note), id: `conflict/observation/${id}/${place(1)}` })
    expect(quarantine.id).toBe(`quarantine/observation/${id}/${place(2)}`)
    expect([...device.tables().conflicts.keys()]).toEqual([conflict.id, quarantine.id])
    await device.change((changeset) => {
      changeset.removeConflict(quarantine)
      expect(changeset.queue).toMatchObject({ conflicts: 1, quarantined: 0 })
      changeset.removeConflict(conflict)
      expect(changeset.queue).toMatchObject({ conflicts: 0, quarantined: 0 })
    })
    expect(device.tables().conflicts.size).toBe(0)
  })

  it('[ENG-16] holds up the playbook of a patch', async () => {
    const { change } = await deviceStore()
    await change(async (changeset) => {
      await changeset.load([ofPlaybook, ofPatch])
      changeset.addConflict(parked(patch))
      expect(changeset.record('playbook', rules.playbookId).status).toBe('conflict')
      expect(changeset.record('playbookPatch', patch.patchId)).toMatchObject({
        status: 'conflict',
        local: patch,
      })
    })
  })

  it('[ENG-17] is listed by its record or type in the order in which it was written, with what changes now', async () => {
    const { change } = await deviceStore()
    const other = { ...parked(note), entityId: `${id}0` }
    const stored = await change(async (changeset) => {
      await changeset.load([own, { ...own, id: `${id}0` }, ofPlaybook, ofPatch])
      changeset.addConflict(other)
      changeset.addConflict(parked(patch))
      const last = changeset.addConflict(parked(note, {}, 30))
      const gone = changeset.addConflict(parked(note, {}, 20))
      return { last, gone }
    })
    await change(async (changeset) => {
      await changeset.load([own])
      const first = changeset.addConflict(quarantined(note, {}, 10))
      changeset.removeConflict(stored.gone)
      const renewed = { ...stored.last, losing: { ...note, rawNoteText: 'renewed' } } as LocalConflict
      changeset.replaceConflict(renewed)
      expect(await changeset.conflictsOf('observation', id)).toEqual([first, renewed])
      expect((await changeset.conflictsOf('observation')).map(({ place: at }) => at)).toEqual([
        place(1),
        place(10),
        place(30),
      ])
      expect(await changeset.conflictsOf('recommendation')).toEqual([])
    })
  })
})
