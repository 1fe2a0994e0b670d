import {
  Device,
  Observation,
  Playbook,
  PlaybookPatch,
  Recommendation,
  SyncBatchRequest,
} from '@fieldsync/contracts'
import {
  device,
  observation,
  playbook,
  playbookPatch,
  recommendation,
  seededRandom,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { START } from '../testing/documents.ts'
import { type KnownRecord, type QueuedWrite, testContext } from '../testing/test-context.ts'
import { nextStep } from './next-step.ts'

const DAY = 24 * 60 * 60_000
const random = seededRandom(161)
const [note, other, third] = Array.from({ length: 3 }, () =>
  Observation.parse(observation({ deviceId: 'dev_scout_1' }, random)),
) as [Observation, Observation, Observation]
const advice = Recommendation.parse(recommendation({ observationId: note.observationId }, random))
const book = Playbook.parse(playbook())
const patch = (baseVersion: number) => PlaybookPatch.parse(playbookPatch({ baseVersion }, random))
const phone = Device.parse(device({ deviceId: 'dev_scout_1' }))

type Request = Parameters<typeof nextStep>[2]
const REQUEST: Request = {
  pull: false,
  hold: false,
  hasApplied: true,
  probe: false,
  resent: new Set(),
  atMost: null,
}
const FULL = { reason: 'cursor', step: 'pages', swept: '', serverHash: null }

async function stepping(queued: QueuedWrite[] = [], known: KnownRecord[] = []) {
  const world = await testContext()
  const keys = await world.queue(...queued)
  await world.know(...known)
  const step = (request: Partial<Request> = {}) => nextStep(world.context, phone, { ...REQUEST, ...request })
  /** What a step sends: the writes by their numbers, and how it is sent. */
  const sent = async (request: Partial<Request> = {}) => {
    const next = await step(request)
    if (next.kind !== 'call') return next
    const { call, kind: _kind, ...how } = next
    return { sends: call.entries.map(({ key }) => keys.indexOf(key)), page: call.page, ...how }
  }
  return { ...world, keys, step, sent }
}

describe('a sync run', () => {
  it('[ENG-3] stores a batch before it is sent, and sends it again as it is', async () => {
    const { step, sent, stored, queue } = await stepping([{ document: note }, { document: other }])
    const first = await step()
    expect(first).toMatchObject({ kind: 'call', again: false })
    expect(stored('snapshot')).toMatchObject({
      entries: [{ id: note.observationId }, { id: other.observationId }],
    })
    await queue({ document: third })
    const call = first.kind === 'call' ? first.call : null
    expect(await step()).toEqual({ kind: 'call', call, again: true })
    expect(await sent()).toMatchObject({ sends: [0, 1], again: true })
  })

  it('[ENG-3] pulls where there is something to pull, and stores no pull', async () => {
    const { sent, stored } = await stepping()
    expect(await sent({ pull: true })).toEqual({ sends: [], page: 500, again: false })
    expect(stored('snapshot')).toBeUndefined()
  })

  it('[ENG-5] sends before it pulls', async () => {
    const { sent } = await stepping([{ document: note }])
    expect(await sent({ pull: true })).toMatchObject({ sends: [0] })
  })

  it('[ENG-20] ends where nothing is left', async () => {
    expect(await (await stepping()).step()).toEqual({ kind: 'nothing', suspects: false })
  })

  it('[ENG-29, ENG-22] that must not send ends, or pulls', async () => {
    const { sent, stored } = await stepping([{ document: note }])
    expect(await sent({ hold: true })).toEqual({ kind: 'nothing', suspects: false })
    expect(await sent({ hold: true, pull: true })).toMatchObject({ sends: [] })
    expect(stored('snapshot')).toBeUndefined()
  })

  it('[ENG-15] in a full pull pulls and sends nothing, then looks through the records', async () => {
    const { sent, store, step } = await stepping(
      [{ document: note }],
      [{ type: 'observation', id: other.observationId, server: other }],
    )
    await store({ fullPull: FULL })
    expect(await sent()).toMatchObject({ sends: [] })
    await store({ fullPull: { ...FULL, step: 'sweep' } })
    expect(await step()).toMatchObject({ kind: 'swept', resent: [], corrections: [] })
  })

  it('[ENG-48] asks by one smallest pull whether calls are answered, whatever else waits', async () => {
    const { sent, store } = await stepping([{ document: note }])
    await store({ fullPull: FULL })
    expect(await sent({ probe: true })).toEqual({ sends: [], page: 1, again: false, once: true })
  })

  it('[ENG-49] keeps to the sizes that are being tried, also for pulls', async () => {
    const { sent, store } = await stepping([{ document: note }, { document: other }])
    await store({ trial: { records: 1, page: 7 } })
    expect(await sent({ hold: true, pull: true })).toMatchObject({ sends: [], page: 7 })
    expect(await sent()).toMatchObject({ sends: [0], page: 7 })
  })
})

describe('a server that is older', () => {
  it.each([
    [null, '1.6.0'],
    ['1.4.0', '1.4.0'],
    ['1.7.0', '1.6.0'],
  ])('[ENG-36] than what is known of it is sent nothing newer in this run: %s', async (atMost, contract) => {
    const { step, store } = await stepping([{ document: note }])
    await store({
      contact: {
        address: '',
        contract: '1.6.0',
        workspaceUid: null,
        workspaceName: null,
        isForeign: false,
        home: null,
      },
    })
    expect(await step({ atMost })).toMatchObject({ call: { contract } })
  })
})

describe('a chain of patches', () => {
  const PLAYBOOK = { type: 'playbook', id: book.playbookId, server: book } as const

  it('[ENG-5, BAT-7] is sent once a pull of this run has shown whether the first still fits', async () => {
    const { sent } = await stepping([{ document: patch(3) }, { document: patch(4) }], [PLAYBOOK])
    expect(await sent({ hasApplied: false, pull: true })).toMatchObject({ sends: [] })
    expect(await sent()).toMatchObject({ sends: [0, 1] })
  })

  it('[ENG-5] of one is no chain, nor are patches of several playbooks', async () => {
    const elsewhere = { ...patch(3), playbookId: 'pbk_other' as PlaybookPatch['playbookId'] }
    const { sent } = await stepping(
      [{ document: patch(3) }, { document: elsewhere }, { document: note }, { document: other }],
      [PLAYBOOK],
    )
    expect(await sent({ hasApplied: false, pull: true })).toMatchObject({ sends: [2, 3, 0, 1] })
  })
})

describe('suspects', () => {
  const isolation = (suspects: string[], followed: number) => ({ failures: 0, suspects, followed })

  it('[ENG-26] are held back, and a single record gets one attempt until another got through', async () => {
    const { sent, store, keys } = await stepping([{ document: note }, { document: other }])
    await store({ isolation: isolation(keys.slice(0, 1), 0) })
    expect(await sent()).toEqual({ sends: [1], page: 500, again: false, once: true })
  })

  it('[ENG-26] leave several records, or one behind which others got through, all attempts', async () => {
    const { sent, store, keys } = await stepping([
      { document: note },
      { document: other },
      { document: third },
    ])
    await store({ isolation: isolation(keys.slice(0, 1), 0) })
    expect(await sent()).toMatchObject({ sends: [1, 2], once: false })
    const followed = await stepping([{ document: note }, { document: other }])
    await followed.store({ isolation: isolation(followed.keys.slice(0, 1), 1) })
    expect(await followed.sent()).toMatchObject({ sends: [1], once: false })
  })

  it('[ENG-52] are sent again alone once nothing else is left to send or to pull, each once', async () => {
    const { sent, store, keys, step } = await stepping([{ document: note }, { document: other }])
    await store({ isolation: isolation(keys, 2) })
    expect(await sent({ pull: true })).toMatchObject({ sends: [] })
    expect(await sent({ resent: new Set(keys.slice(0, 1)) })).toEqual({
      sends: [1],
      page: 500,
      again: false,
      suspect: keys[1],
    })
    await store({ snapshot: undefined })
    expect(await step({ resent: new Set(keys) })).toEqual({ kind: 'nothing', suspects: true })
  })
})

describe('what is sent again after a restore', () => {
  const NOTE = { type: 'observation', id: note.observationId } as const

  it.each([
    [START - 30 * DAY + 1, 'waits'],
    [START - 30 * DAY, 'leaves'],
    [START + 30 * DAY - 1, 'waits'],
    [START + 30 * DAY, 'leaves'],
  ])(
    '[CUR-8, ENG-70] queued at %i, beside an observation that is only here, %s',
    async (writtenAt, outcome) => {
      const { step, tables } = await stepping(
        [{ document: advice, offer: true, writtenAt }],
        [{ ...NOTE, localOnly: note }],
      )
      const next = await step()
      if (outcome === 'waits') expect(next).toEqual({ kind: 'nothing', suspects: false })
      else {
        const stayed = [{ type: 'recommendation', id: advice.recommendationId }]
        expect(next).toEqual({ kind: 'swept', resent: [], localOnly: stayed, corrections: [] })
      }
      expect(tables().outbox.size).toBe(outcome === 'waits' ? 1 : 0)
    },
  )

  it('[CUR-8] another’s observation waits for its author, the device’s own does not', async () => {
    const ofBen = { ...other, deviceId: 'dev_ben' as Observation['deviceId'] }
    const { sent } = await stepping([
      { document: ofBen, offer: true },
      { document: note, offer: true },
    ])
    expect(await sent()).toMatchObject({ sends: [1] })
  })
})

it('[ENG-3] a call says what the device is', async () => {
  const { step } = await stepping()
  const next = await step({ pull: true })
  const { device: described } = SyncBatchRequest.parse(JSON.parse(next.kind === 'call' ? next.call.body : ''))
  expect(described).toEqual(phone)
})
