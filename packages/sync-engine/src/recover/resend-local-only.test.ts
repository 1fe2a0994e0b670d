import { DeviceId, Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import type { Role } from '@fieldsync/domain'
import { observation, playbook, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type EntityType } from '../core/local-record.ts'
import { type KnownRecord, testContext } from '../testing/test-context.ts'
import { createLocalOnly, isOwn, takeObservationAlong } from './resend-local-only.ts'

const random = seededRandom(51)
const own = Observation.parse(observation({ deviceId: 'dev_scout_1' }, random))
const ofBen: Observation = {
  ...Observation.parse(observation({}, random)),
  deviceId: DeviceId.parse('dev_ben'),
}
const advice = Recommendation.parse(recommendation({ observationId: own.observationId }, random))
const second = Recommendation.parse(recommendation({ observationId: own.observationId }, random))
const onBens = Recommendation.parse(recommendation({ observationId: ofBen.observationId }, random))
const book = Playbook.parse(playbook())
const patch = PlaybookPatch.parse(playbookPatch({}, random))
const bensPatch: PlaybookPatch = {
  ...PlaybookPatch.parse(playbookPatch({}, random)),
  requestedByDeviceId: ofBen.deviceId,
}

const named = <T extends EntityType>(type: T, id: string) => ({ type, id })
const NOTE = named('observation', own.observationId)
const BENS = named('observation', ofBen.observationId)
const ADVICE = named('recommendation', advice.recommendationId)
const ON_BENS = named('recommendation', onBens.recommendationId)
const PATCH = named('playbookPatch', patch.patchId)

async function device(known: KnownRecord[], role: Role = 'scout') {
  const world = await testContext({ role })
  await world.know(...known)
  const writes: unknown[] = []
  const localOnly = createLocalOnly(world.context, async (write) => {
    writes.push(await write)
    return write
  })
  return {
    ...world,
    ...localOnly,
    writes,
    queued: () => [...world.tables().outbox.values()].map(({ id }) => id),
  }
}

const refusedBy = (code: string, message: string, path = '') => ({
  ok: false,
  issues: [{ path, message, code }],
})
const OTHER_AUTHOR = refusedBy(
  'other_author',
  'was written by another device: export it, and let an admin import it',
)

describe('a record that is only here is this device’s own', () => {
  it.each<[string, KnownRecord, KnownRecord[], Role, boolean]>([
    ['where it wrote it', { ...NOTE, localOnly: own }, [], 'scout', true],
    ['not where another wrote it', { ...BENS, localOnly: ofBen }, [], 'scout', false],
    ['where it may write for others', { ...BENS, localOnly: ofBen }, [], 'admin', true],
    ['where the server acknowledged it', { ...BENS, localOnly: ofBen, acknowledgedAt: 5 }, [], 'scout', true],
    [
      'never as a playbook',
      { ...named('playbook', book.playbookId), localOnly: book, acknowledgedAt: 5 },
      [],
      'admin',
      false,
    ],
    ['as a patch that it requested', { ...PATCH, localOnly: patch }, [], 'scout', true],
    [
      'not as the patch of another',
      { ...named('playbookPatch', bensPatch.patchId), localOnly: bensPatch, acknowledgedAt: 5 },
      [],
      'admin',
      false,
    ],
    ['not where nothing is only here', { ...NOTE, server: own, acknowledgedAt: 5 }, [], 'admin', false],
    [
      'as a recommendation on its observation',
      { ...ADVICE, localOnly: advice },
      [{ ...NOTE, server: own }],
      'scout',
      true,
    ],
    [
      'as one on an observation that waits here',
      { ...ADVICE, localOnly: advice },
      [{ ...NOTE, local: own }],
      'scout',
      true,
    ],
    [
      'as one on an observation that is only here',
      { ...ADVICE, localOnly: advice },
      [{ ...NOTE, localOnly: own }],
      'scout',
      true,
    ],
    [
      'not as one on another’s',
      { ...ON_BENS, localOnly: onBens },
      [{ ...BENS, localOnly: ofBen }],
      'scout',
      false,
    ],
    ['not as one on an observation that is not here', { ...ADVICE, localOnly: advice }, [], 'admin', false],
    [
      'by the newest version of its observation',
      { ...ADVICE, localOnly: advice },
      [{ ...NOTE, local: own, server: { ...own, deviceId: ofBen.deviceId } }],
      'scout',
      true,
    ],
    [
      'by the server’s before one that is only here',
      { ...ADVICE, localOnly: advice },
      [{ ...NOTE, server: own, localOnly: { ...own, deviceId: ofBen.deviceId } }],
      'scout',
      true,
    ],
  ])('[ENG-43] %s', async (_, known, others, role, expected) => {
    const { context, change } = await device([known, ...others], role)
    const found = await change(async (changeset) =>
      isOwn(context, changeset, await changeset.read<EntityType>(known.type, known.id)),
    )
    expect(found).toBe(expected)
  })
})

describe('the list of what is only here', () => {
  it('[ENG-41, ENG-43] has each with what the server has of it, whose it is, and whether it waits to be sent', async () => {
    const { list, queue } = await device([
      { ...NOTE, localOnly: own, server: { ...own, rawNoteText: 'earlier' } },
      { ...BENS, localOnly: ofBen },
      { ...PATCH, server: patch },
    ])
    await queue({ document: own })
    const expected = [
      { ...NOTE, document: own, hasServerVersion: true, own: true, isQueued: true },
      { ...BENS, document: ofBen, hasServerVersion: false, own: false, isQueued: false },
    ].toSorted((a, b) => (a.id < b.id ? -1 : 1))
    expect(await list()).toEqual(expected)
    expect(await list({ limit: 1 })).toEqual(expected.slice(0, 1))
    expect(await list({ after: expected[0] as (typeof expected)[number] })).toEqual(expected.slice(1))
  })

  it('[ENG-41] is empty where nothing is', async () => {
    const { list } = await device([{ ...NOTE, server: own }])
    expect(await list()).toEqual([])
  })

  it('[ENG-41] has a hundred unless a program asks for more', async () => {
    const many = Array.from({ length: 101 }, (_, i) => ({
      ...named('observation', `obs_${i}`),
      localOnly: own,
    }))
    const { list } = await device(many)
    expect(await list()).toHaveLength(100)
    expect(await list({ limit: 200 })).toHaveLength(101)
  })

  it('[ENG-22] shows nothing of the store of another owner', async () => {
    const { list, context } = await device([{ ...NOTE, localOnly: own }])
    context.deviceId = ofBen.deviceId
    expect(await list()).toEqual([])
  })
})

describe('what is only here', () => {
  it('[ENG-43] goes out again as it is, in front of what came since, and stays marked', async () => {
    const { resend, tables, record, writes, time } = await device([{ ...NOTE, localOnly: own }])
    expect(await resend(NOTE)).toEqual({ ok: true, record: NOTE })
    expect([...tables().outbox.values()]).toEqual([
      { ...NOTE, document: own, writtenAt: time.now, since: '0000000000000000', offer: true },
    ])
    expect(record(NOTE)).toMatchObject({ localOnly: own, local: own, status: 'pending' })
    expect(writes).toEqual([{ ok: true, record: NOTE }])
  })

  it.each<[string, KnownRecord[], { type: EntityType; id: string }, object]>([
    [
      'that is not marked',
      [{ ...NOTE, server: own }],
      NOTE,
      refusedBy('not_local_only', 'is not marked as only on this device'),
    ],
    [
      'that is a version of a playbook',
      [{ ...named('playbook', book.playbookId), localOnly: book }],
      named('playbook', book.playbookId),
      refusedBy('playbook_version', 'is a version of a playbook: make its changes again by a patch'),
    ],
    ['of another device', [{ ...BENS, localOnly: ofBen }], BENS, OTHER_AUTHOR],
    [
      'on another’s observation that is only here',
      [
        { ...ON_BENS, localOnly: onBens, acknowledgedAt: 5 },
        { ...BENS, localOnly: ofBen },
      ],
      ON_BENS,
      refusedBy(
        'other_author',
        'names an observation that is only on this device and was written by another',
        '/observationId',
      ),
    ],
  ])('[ENG-43] %s is refused with a reason, and nothing is queued', async (_, known, name, refusal) => {
    const { resend, queued, writes } = await device(known)
    expect(await resend(name)).toEqual(refusal)
    expect(queued()).toEqual([])
    expect(writes).toEqual([refusal])
  })

  it('[ENG-43] and waits to be sent already is not queued twice', async () => {
    const { resend, queue, queued } = await device([{ ...NOTE, localOnly: own }])
    await queue({ document: own })
    expect(await resend(NOTE)).toEqual(
      refusedBy('queued_already', 'has a write that waits to be sent already'),
    )
    expect(queued()).toEqual([own.observationId])
  })

  it('[ENG-70] and waits to be sent already takes nothing along', async () => {
    const { resend, queue, queued } = await device([
      { ...NOTE, localOnly: own },
      { ...ADVICE, localOnly: advice },
    ])
    await queue({ document: own })
    expect(await resend(NOTE)).toMatchObject({ ok: false })
    expect(queued()).toEqual([own.observationId])
  })

  it('[ENG-43] as a patch is marked no longer: what it becomes may have another id', async () => {
    const { resend, record, queued } = await device([{ ...PATCH, localOnly: patch }])
    expect(await resend(PATCH)).toMatchObject({ ok: true })
    expect(record(PATCH)).not.toHaveProperty('localOnly')
    expect(record(named('playbook', patch.playbookId))?.queued).toHaveLength(1)
    expect(queued()).toEqual([patch.patchId])
  })

  it.each<[string, KnownRecord[], string[]]>([
    [
      'takes its observation along',
      [{ ...NOTE, localOnly: own }],
      [own.observationId, advice.recommendationId],
    ],
    [
      'goes alone where the server has that',
      [{ ...NOTE, server: own, localOnly: own }],
      [advice.recommendationId],
    ],
    ['goes alone where that was never seen here', [{ ...NOTE, local: own }], [advice.recommendationId]],
  ])('[ENG-43, REC-2] as a recommendation %s', async (_, known, expected) => {
    const { resend, queued } = await device([{ ...ADVICE, localOnly: advice, acknowledgedAt: 5 }, ...known])
    expect(await resend(ADVICE)).toEqual({ ok: true, record: ADVICE })
    expect(queued()).toEqual(expected)
  })

  it('[ENG-43] as a recommendation goes behind its observation that waits already', async () => {
    const { resend, queue, queued } = await device([
      { ...ADVICE, localOnly: advice, acknowledgedAt: 5 },
      { ...NOTE, localOnly: own },
    ])
    await queue({ document: own })
    await resend(ADVICE)
    expect(queued()).toEqual([own.observationId, advice.recommendationId])
  })

  it('[ENG-70] as an observation takes along the recommendations on it that are only here, and no others', async () => {
    const SECOND = named('recommendation', second.recommendationId)
    const other = Observation.parse(observation({ deviceId: 'dev_scout_1' }, random))
    const onOther = Recommendation.parse(recommendation({ observationId: other.observationId }, random))
    const { resend, queued } = await device([
      { ...named('observation', other.observationId), localOnly: other },
      { ...named('recommendation', onOther.recommendationId), localOnly: onOther },
      { ...NOTE, localOnly: own },
      { ...ADVICE, localOnly: advice },
      { ...SECOND, server: second },
      { ...ON_BENS, localOnly: onBens },
      { ...BENS, localOnly: ofBen },
      { ...PATCH, localOnly: patch },
    ])
    await resend(NOTE)
    expect(queued()).toEqual([own.observationId, advice.recommendationId])
  })

  it('[ENG-70] as an observation that may not be sent takes nothing along', async () => {
    const { resend, queued } = await device([
      { ...BENS, localOnly: ofBen },
      { ...ON_BENS, localOnly: onBens, acknowledgedAt: 5 },
    ])
    expect(await resend(BENS)).toEqual(OTHER_AUTHOR)
    expect(queued()).toEqual([])
  })

  it('[ENG-43] goes out again all at once, as far as it is this device’s own', async () => {
    const { resendOwn, queued, writes } = await device([
      { ...NOTE, localOnly: own },
      { ...ADVICE, localOnly: advice },
      { ...BENS, localOnly: ofBen },
    ])
    expect(await resendOwn()).toBe(2)
    expect(queued()).toEqual([own.observationId, advice.recommendationId])
    expect(writes).toEqual([{ ok: true, count: 2 }])
    expect(await resendOwn()).toBe(0)
    expect(writes.at(-1)).toEqual({ ok: false, count: 0 })
  })

  it.each([
    [500, [500]],
    [501, [500, 1]],
  ])('[ENG-43] goes out again whatever its number, in several transactions: %i', async (total, counts) => {
    const many = Array.from({ length: total }, (_, i) => ({
      ...named('observation', `obs_${i}`),
      localOnly: own,
    }))
    const { resendOwn, writes } = await device(many)
    expect(await resendOwn()).toBe(total)
    expect(writes).toEqual(counts.map((count) => ({ ok: true, count })))
  })

  it('[ENG-41] is given up by a person: the record, or the version beside the server’s', async () => {
    const { discard, record } = await device([
      { ...NOTE, localOnly: own, lostCorrections: 2 },
      { ...BENS, localOnly: ofBen, server: { ...ofBen, rawNoteText: 'earlier' }, lostCorrections: 2 },
    ])
    expect(await discard(NOTE)).toEqual({ ok: true, record: NOTE })
    expect(record(NOTE)).toBeUndefined()
    expect(await discard(BENS)).toEqual({ ok: true, record: BENS })
    expect(record(BENS)).toMatchObject({ server: { rawNoteText: 'earlier' } })
    for (const name of ['localOnly', 'lostCorrections']) expect(record(BENS)).not.toHaveProperty(name)
    expect(await discard(NOTE)).toEqual(refusedBy('not_local_only', 'is not marked as only on this device'))
  })
})

describe('the observation of a new recommendation', () => {
  it.each<[string, KnownRecord[], string, Role, string[]]>([
    [
      'that is only here goes along',
      [{ ...NOTE, localOnly: own }],
      own.observationId,
      'scout',
      [own.observationId],
    ],
    ['of another is left where it is', [{ ...BENS, localOnly: ofBen }], ofBen.observationId, 'scout', []],
    [
      'of another, acknowledged here, is left where it is',
      [{ ...BENS, localOnly: ofBen, acknowledgedAt: 5 }],
      ofBen.observationId,
      'scout',
      [],
    ],
    [
      'of another goes along where this device may write for its author',
      [{ ...BENS, localOnly: ofBen }],
      ofBen.observationId,
      'admin',
      [ofBen.observationId],
    ],
    [
      'that waits for a person does not',
      [{ ...NOTE, localOnly: own, status: 'conflict' }],
      own.observationId,
      'scout',
      [],
    ],
    [
      'that the server has does not',
      [{ ...NOTE, localOnly: own, server: own }],
      own.observationId,
      'scout',
      [],
    ],
    ['that is nowhere does not', [], own.observationId, 'scout', []],
  ])('[ENG-70] %s', async (_, known, id, role, expected) => {
    const { context, change, queued } = await device(known, role)
    await change((changeset) => takeObservationAlong(context, changeset, id))
    expect(queued()).toEqual(expected)
  })
})
