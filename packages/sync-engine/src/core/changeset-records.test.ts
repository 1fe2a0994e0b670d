import { Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { canonicalRecord, combineDigests, EMPTY_STATE_HASH, recordDigest } from '@fieldsync/domain'
import {
  observation,
  playbook,
  playbookPatch,
  recommendation,
  seededRandom,
  sha256,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { deviceStore } from '../testing/device-store.ts'
import { serverDigest } from './changeset.ts'
import { blankRecord } from './local-record.ts'
import { sequenceKey } from './local-store.ts'

const random = seededRandom(1)
const note = Observation.parse(observation({}, random))
const advice = Recommendation.parse(recommendation({ observationId: note.observationId }, random))
const rules = Playbook.parse(playbook())
const patch = PlaybookPatch.parse(playbookPatch({}, random))

const id = note.observationId
const own = { type: 'observation', id } as const
const ofPlaybook = { type: 'playbook', id: rules.playbookId } as const
const place = (sequence: number) => sequenceKey(sequence)

describe('what the server holds of a record', () => {
  const digest = recordDigest('observation', id, canonicalRecord(note), sha256)

  it('[HSH-1] is stored with its digest, and the hash goes along with each version', async () => {
    const device = await deviceStore()
    await device.change(async (changeset) => {
      await changeset.load([own])
      changeset.position.generation = 4
      changeset.putServer('observation', id, note)
      expect(changeset.position.stateHash).toBe(combineDigests(EMPTY_STATE_HASH, digest))
      expect(changeset.record('observation', id)).toEqual({
        ...blankRecord('observation', id),
        server: note,
        digest,
        generation: 4,
      })
      changeset.putServer('observation', id, { ...note, rawNoteText: 'other' })
      changeset.putServer('observation', id, null)
      expect(changeset.position.stateHash).toBe(EMPTY_STATE_HASH)
      expect(changeset.record('observation', id)).toMatchObject({ server: null, digest: null })
    })
    expect(device.findings()).toEqual([])
    expect(device.tables().records.size).toBe(0)
  })

  it('[HSH-1, ENG-34] counts the keys that this build does not know, and keeps them until the next version', async () => {
    const { change } = await deviceStore()
    const raw = { ...note, mood: 'good', extraction: { ...note.extraction, shade: 2 } }
    await change(async (changeset) => {
      changeset.serverContract = '9.0.0'
      await changeset.load([own])
      changeset.putServer('observation', id, note, raw)
      expect(changeset.record('observation', id)).toMatchObject({
        server: note,
        digest: recordDigest('observation', id, canonicalRecord(raw), sha256),
        unknown: { fields: { '/mood': 'good', '/extraction/shade': 2 }, contract: '9.0.0' },
      })
      changeset.putServer('observation', id, note, { ...note })
      expect(changeset.record('observation', id)).not.toHaveProperty('unknown')
    })
  })

  it('[ENG-34] has no such keys to keep where only patches change it', async () => {
    const { change } = await deviceStore()
    await change(async (changeset) => {
      const version = changeset.versionOf('playbook', rules.playbookId, rules, { ...rules, mood: 'good' })
      expect(version).not.toHaveProperty('unknown')
      expect(
        changeset.versionOf('recommendation', advice.recommendationId, advice, { ...advice, mood: 1 }),
      ).toMatchObject({ unknown: { fields: { '/mood': 1 } } })
    })
  })

  it('[HSH-1] of a patch adds nothing to the hash', () => {
    expect(serverDigest('playbookPatch', patch.patchId, patch, sha256)).toBeNull()
    expect(serverDigest('playbook', rules.playbookId, rules, sha256)).toBe(
      recordDigest('playbook', rules.playbookId, canonicalRecord(rules), sha256),
    )
  })

  it('[ENG-33] keeps what it was not given, until another version contradicts it', async () => {
    const { change } = await deviceStore()
    await change(async (changeset) => {
      await changeset.load([own])
      const withheld = { fields: { '/notObserved': ['/location'] }, updatedAt: null }
      changeset.put({ ...changeset.record('observation', id), withheld })
      changeset.putServer('observation', id, note)
      expect(changeset.record('observation', id).withheld).toEqual(withheld)
      changeset.putServer('observation', id, { ...note, location: { lat: 1, lon: 2 } })
      expect(changeset.record('observation', id)).not.toHaveProperty('withheld')
    })
  })
})

describe('a record', () => {
  it('[ENG-41] is counted while a version of it is only on this device', async () => {
    const { change } = await deviceStore()
    await change(async (changeset) => {
      await changeset.load([own])
      const blank = changeset.record('observation', id)
      for (const times of [1, 2]) {
        changeset.put({ ...blank, localOnly: note })
        expect(changeset.queue.localOnly, `stored ${times} times`).toBe(1)
        expect(changeset.record('observation', id).status).toBe('local_only')
      }
      changeset.put(blank)
      expect(changeset.queue.localOnly).toBe(0)
    })
  })

  it('[ENG-56] gets the next place in the order when it is first stored, and gives it up when it is gone', async () => {
    const device = await deviceStore()
    await device.change(async (changeset) => {
      await changeset.load([own, ofPlaybook])
      changeset.putServer('observation', id, note)
      changeset.putServer('playbook', rules.playbookId, rules)
    })
    const order = () => [...device.tables().values].filter(([key]) => key.startsWith('arrival/'))
    const rows = [
      [`arrival/observation/${place(1)}`, id],
      [`arrival/playbook/${place(2)}`, rules.playbookId],
    ]
    expect(order()).toEqual(rows)
    expect(device.tables().records.get(`observation/${id}`)?.arrival).toBe(1)
    await device.change(async (changeset) => {
      await changeset.load([own])
      changeset.putServer('observation', id, { ...note, rawNoteText: 'edited' })
    })
    expect(order()).toEqual(rows)
    expect(device.tables().values.get('position')).toMatchObject({ nextArrival: 3 })
    await device.change(async (changeset) => {
      await changeset.load([own])
      changeset.putServer('observation', id, null)
    })
    expect(order()).toEqual(rows.slice(1))
    expect([...device.tables().records.keys()]).toEqual([`playbook/${rules.playbookId}`])
  })
})
