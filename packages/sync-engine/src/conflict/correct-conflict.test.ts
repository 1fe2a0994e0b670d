import { Observation } from '@fieldsync/contracts'
import { observation, seededRandom } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import type { Changeset } from '../core/changeset.ts'
import { parked } from '../testing/conflicts.ts'
import { NOW } from '../testing/device-store.ts'
import { openConflicts } from '../testing/open-conflicts.ts'

const note = Observation.parse(observation({ status: 'confirmed' }, seededRandom(1)))
const mine: Observation = { ...note, rawNoteText: 'mine' }
const correction = { reason: 'seen again' }
const serverHas = (theirs: Observation) => (changeset: Changeset) =>
  changeset.putServer('observation', note.observationId, theirs)

it('[ENG-11] a corrected conflict has the status that is further along', async () => {
  const met = { ...note, status: 'logged' as const }
  for (const [ours, theirs, status] of [
    [mine, met, 'logged'],
    [{ ...mine, status: 'logged' as const }, note, 'logged'],
    [{ ...mine, status: 'draft' as const }, note, 'confirmed'],
  ] as const) {
    const { device, id, resolve } = await openConflicts([parked(ours, { server: theirs })], serverHas(theirs))
    await resolve.correct(id, correction)
    expect([...device.tables().outbox.values()]).toMatchObject([
      { document: { status, rawNoteText: 'mine', correction }, writtenAt: NOW },
    ])
    const { document } = [...device.tables().outbox.values()][0] ?? {}
    expect((document as Observation).correction?.correctionId).toBe('cor_20260211_9000')
  }
})

it('[ENG-40] a correction is decided again where the newest version was changed in the same place', async () => {
  const shown = { ...note, rawNoteText: 'shown', location: { lat: 1, lon: 2 } }
  const conflict = parked({ ...mine, location: shown.location }, { server: shown })
  const { device, id, resolve } = await openConflicts([conflict], serverHas(note))
  expect(await resolve.correct(id, { ...correction, changes: { captureMode: 'voice' } })).toMatchObject({
    ok: false,
    issues: [{ path: '/rawNoteText', code: 'changed_meanwhile' }],
  })
  const edited = { ...mine, captureMode: 'voice' }
  expect([...device.tables().conflicts.values()]).toEqual([{ ...conflict, id, losing: edited, server: note }])
  // Decided about the newest version, as a form has shown it.
  expect(await resolve.correct(id, { ...correction, basedOn: note })).toMatchObject({ ok: true })
})
