import { Observation } from '@fieldsync/contracts'
import { observation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { transact } from '../core/engine-context.ts'
import type { Contact, Position } from '../core/engine-meta.ts'
import type { ForeignStore } from '../core/foreign-store.ts'
import type { LocalRecord } from '../core/local-record.ts'
import type { BatchAnswer } from '../core/ports.ts'
import { testContext } from '../testing/test-context.ts'
import { adoptStore, claimProven, disown, openSession } from './open-session.ts'

const note = Observation.parse(observation({}, seededRandom(171)))
const NOTE = { type: 'observation', id: note.observationId } as const
const [OWN, OTHER] = [`wsu_${'1'.repeat(32)}`, `wsu_${'2'.repeat(32)}`] as [string, string]
const ADDRESS = 'https://sync.test'
const CONTACT: Contact = {
  address: ADDRESS,
  contract: '1.6.0',
  workspaceUid: OWN,
  workspaceName: 'Yolo',
  isForeign: false,
  home: ADDRESS,
}
const session = (more: object = {}): BatchAnswer => ({
  status: 200,
  body: JSON.stringify({
    contractVersion: '1.6.0',
    workspace: { workspaceUid: OWN, name: 'Yolo' },
    deviceId: 'dev_scout_1',
    ...more,
  }),
})
const refusal = (code: string, retryable = false): BatchAnswer => ({
  status: 400,
  body: JSON.stringify({
    requestId: 'r',
    timestamp: '2026-02-11T18:00:00Z',
    error: { code, message: `${code} it is`, retryable, traceId: '0' },
  }),
})

type Setup = {
  owner?: string | null
  cursor?: string
  contact?: Contact
  record?: Partial<LocalRecord>
  conflict?: 'server' | 'local'
}

/** A store, and what happens to the engine that opens a session with these answers, one after the other. */
async function opening(setup: Setup, ...answers: (BatchAnswer | Error)[]) {
  const world = await testContext({ settings: { longestBackoff: 30_000 } })
  const { context } = world
  const { owner = 'dev_scout_1', cursor = '', contact, record, conflict } = setup
  await world.change(async (changeset) => {
    changeset.position.cursor = cursor
    if (record) {
      changeset.put({ ...(await changeset.read('observation', NOTE.id)), ...record })
      changeset.put({ ...(await changeset.read('observation', 'obs_unsent')), local: note })
    }
    if (conflict) {
      await changeset.load([NOTE])
      changeset.addConflict({
        kind: conflict,
        type: 'observation',
        entityId: NOTE.id,
        losing: note,
        place: '1',
        foundAt: 0,
      } as never)
    }
  })
  await world.store({ contact, position: { ...(world.stored('position') as Position), owner } })
  const foreign: (ForeignStore | null)[] = []
  const counted: unknown[] = []
  const pauses: [number, string][] = []
  context.ownership = (each) => foreign.push(each)
  context.stored = (queue) => counted.push(queue.pending)
  context.session.isDue = true
  const { signal } = new AbortController()
  const open = () =>
    openSession({
      context,
      transport: {
        address: ADDRESS,
        syncBatch: () => Promise.reject(new Error('not asked')),
        session: (call) => {
          expect(call.signal).toBe(signal)
          const answer = answers.shift()
          if (answer === undefined) throw new Error('not expected')
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
        },
      },
      random: { next: () => 0.5 },
      signal,
      onRetryAfter: (milliseconds, problem) => pauses.push([milliseconds, problem]),
    })
  const ownerOf = () => (world.stored('position') as Position).owner
  return { ...world, open, foreign, counted, pauses, ownerOf, left: () => answers.length }
}

describe('a session', () => {
  it('[ENG-22, ENG-31] claims a new store, and stores what the server said', async () => {
    const { open, ownerOf, stored, foreign, context, counted } = await opening({}, session())
    expect(await open()).toEqual({ kind: 'own' })
    expect(ownerOf()).toBe(`${OWN}/dev_scout_1`)
    expect(stored('contact')).toEqual(CONTACT)
    expect(foreign).toEqual([null])
    expect(context.session.isDue).toBe(false)
    expect(counted[0]).toBe(0)
  })

  it('[ENG-22] of a store without an owner names this device', async () => {
    const { open, ownerOf } = await opening({ owner: null, cursor: '1' }, session())
    expect(await open()).toEqual({ kind: 'prove' })
    expect(ownerOf()).toBe('dev_scout_1')
  })

  it('[ENG-22] of its own workspace goes on, at another address too', async () => {
    const contact = { ...CONTACT, address: 'https://old.test', home: 'https://old.test' }
    const { open, stored } = await opening({ owner: `${OWN}/dev_scout_1`, contact }, session())
    expect(await open()).toEqual({ kind: 'own' })
    expect(stored('contact')).toEqual(CONTACT)
  })

  it('[ENG-22] with a cursor of no known workspace has to prove it, and stays due', async () => {
    const { open, ownerOf, stored, context } = await opening({ cursor: '1' }, session())
    expect(await open()).toEqual({ kind: 'prove' })
    expect(context.session.isDue).toBe(true)
    expect(ownerOf()).toBe('dev_scout_1')
    expect(stored('contact')).toEqual({ ...CONTACT, home: null })
  })

  it.each<[string, Setup]>([
    ['a record of a server', { record: { server: note } }],
    ['a record that a server acknowledged', { record: { local: note, acknowledgedAt: 5 } }],
    ['a record that a server has lost', { record: { localOnly: note } }],
    ['a conflict of a server', { conflict: 'server' }],
  ])('[ENG-22] without a cursor and with %s is foreign: a person decides', async (_, setup) => {
    const { open, foreign, ownerOf, context, stored } = await opening(setup, session())
    const reason = 'This store is not recognized by Yolo: nothing is sent before you decide.'
    expect(await open()).toEqual({ kind: 'end', end: { event: 'failed', code: null, reason } })
    const reached = { workspaceUid: OWN, workspaceName: 'Yolo' }
    expect(foreign).toMatchObject([{ reason: 'unknown_workspace', reached }])
    expect(context).toMatchObject({ disownedBy: reached, session: { isDue: true } })
    expect(ownerOf()).toBe('dev_scout_1')
    expect(stored('contact')).toEqual({ ...CONTACT, isForeign: true, home: null })
  })

  it.each<[string, Setup]>([
    ['a note that no server had', { record: { local: note } }],
    ['a conflict of this device', { conflict: 'local' }],
  ])('[ENG-22] without a cursor and with %s is claimed', async (_, setup) => {
    const { open } = await opening(setup, session())
    expect(await open()).toEqual({ kind: 'own' })
  })

  it('[ENG-22] of another workspace is foreign, and keeps where its own was', async () => {
    const { open, stored } = await opening(
      { owner: `${OTHER}/dev_scout_1`, contact: { ...CONTACT, home: 'https://home.test' } },
      session(),
    )
    expect(await open()).toMatchObject({ kind: 'end', end: { event: 'failed' } })
    expect(stored('contact')).toMatchObject({ isForeign: true, home: 'https://home.test' })
  })

  it('[ENG-22] is not asked for by the store of another device', async () => {
    const { open, foreign, counted } = await opening({ owner: 'dev_ben' })
    const reason = 'This store belongs to dev_ben, another device: nothing of it is shown or sent.'
    expect(await open()).toEqual({ kind: 'end', end: { event: 'failed', code: null, reason } })
    expect(foreign).toMatchObject([{ reason: 'other_device' }])
    expect(counted).toEqual([0])
  })

  it('[ENG-28] of another device’s credential waits for the right one', async () => {
    const { open, stored } = await opening({}, session({ deviceId: 'dev_ben' }))
    const reason = 'The credential is of dev_ben, and this device is dev_scout_1.'
    expect(await open()).toEqual({ kind: 'end', end: { event: 'auth_required', action: null, reason } })
    expect(stored('contact')).toBeUndefined()
  })

  it('[ENG-31] of a server from before sessions is one of any device', async () => {
    const { open, stored } = await opening({}, refusal('NOT_FOUND'))
    expect(await open()).toEqual({ kind: 'own' })
    expect(stored('contact')).toMatchObject({ contract: '1.3.0', workspaceUid: null })
  })

  it('[ENG-28] that is refused is left to who knows how to renew the credential', async () => {
    const { open } = await opening({}, refusal('AUTH_REQUIRED'))
    expect(await open()).toMatchObject({ kind: 'refused', refusal: { code: 'AUTH_REQUIRED' } })
  })

  it('[ENG-54] at an address that redirects is an error with the new address', async () => {
    const address = 'https://new.test'
    const { open } = await opening(
      {},
      Object.assign(new Error('It redirects.'), { kind: 'redirected', address }),
    )
    const detail = { kind: 'redirected', address }
    expect(await open()).toEqual({
      kind: 'end',
      end: { event: 'failed', code: null, reason: 'It redirects.', detail },
    })
  })
})

describe('a session without an answer', () => {
  it('[ENG-6] is asked for three times, with waits that double', async () => {
    const { open, waits, left } = await opening(
      {},
      new Error('cut'),
      refusal('UNAVAILABLE', true),
      session(),
      session(),
    )
    expect(await open()).toEqual({ kind: 'own' })
    expect([waits, left()]).toEqual([[500, 1_000], 1])
  })

  it('[ENG-27] defers the run after that', async () => {
    const { open, left } = await opening(
      {},
      new Error('cut'),
      new Error('cut'),
      { status: 200, body: '<html>' },
      session(),
    )
    const reason = 'what answers is not a Fieldsync server'
    expect(await open()).toEqual({ kind: 'end', end: { event: 'deferred', reason, retryAfterMs: null } })
    expect(left()).toBe(1)
  })

  it('[ENG-6, ENG-27] is asked for again after a pause that the server asks for', async () => {
    const { open, waits, pauses } = await opening(
      {},
      { ...refusal('UNAVAILABLE', true), retryAfterMs: 30_000 },
      session(),
    )
    expect(await open()).toEqual({ kind: 'own' })
    expect(waits).toEqual([30_500])
    expect(pauses).toEqual([[30_000, 'UNAVAILABLE it is']])
  })

  it('[ENG-27] is not asked for again in this run where the pause is long', async () => {
    const { open, left, pauses } = await opening(
      {},
      { status: 503, body: '', retryAfterMs: 30_001 },
      session(),
    )
    expect(await open()).toEqual({
      kind: 'end',
      end: { event: 'deferred', reason: 'the answer was a bare 503', retryAfterMs: 30_001 },
    })
    expect([left(), pauses]).toEqual([1, [[30_001, 'the answer was a bare 503']]])
  })

  it('[ENG-27] asks for no pause of nothing', async () => {
    const { open, pauses } = await opening(
      {},
      { ...refusal('UNAVAILABLE', true), retryAfterMs: 0 },
      session(),
    )
    await open()
    expect(pauses).toEqual([])
  })
})

describe('a store that has proved itself', () => {
  it.each<[string, Contact | undefined, string]>([
    ['is the workspace’s', { ...CONTACT, home: null }, `${OWN}/dev_scout_1`],
    [
      'stays the device’s at a server without a name',
      { ...CONTACT, workspaceUid: null, home: null },
      'dev_scout_1',
    ],
    ['stays the device’s where no server is known', undefined, 'dev_scout_1'],
    [
      'stays its workspace’s at a server without a name',
      { ...CONTACT, workspaceUid: null },
      `${OTHER}/dev_scout_1`,
    ],
  ])('[ENG-22] %s', async (_, contact, owner) => {
    const before = owner.startsWith(OTHER) ? owner : 'dev_scout_1'
    const { context, ownerOf, stored } = await opening({ owner: before, ...(contact && { contact }) })
    await transact(context, (changeset, transaction) => claimProven(changeset, transaction))
    expect(ownerOf()).toBe(owner)
    expect(stored('contact')).toEqual(contact && { ...contact, home: ADDRESS })
  })
})

describe('a store whose cursor is refused', () => {
  it('[ENG-22] is not this workspace’s as far as is known', async () => {
    const { context, foreign, stored } = await opening({ cursor: '1', contact: CONTACT })
    const reason = 'This store is not recognized by Yolo: nothing is sent before you decide.'
    expect(await disown(context)).toEqual({ event: 'failed', code: null, reason })
    expect(stored('contact')).toEqual({ ...CONTACT, isForeign: true })
    expect(foreign).toMatchObject([{ reason: 'unknown_workspace' }])
    expect(context.disownedBy).toEqual({ workspaceUid: OWN, workspaceName: 'Yolo' })
  })

  it('[ENG-22] of no known server is told so', async () => {
    const { context, foreign, stored } = await opening({ cursor: '1' })
    expect(await disown(context)).toMatchObject({ reason: 'The server does not recognize this store.' })
    expect([foreign, context.disownedBy]).toEqual([[null], null])
    expect(stored('contact')).toBeUndefined()
  })
})

describe('a store that a person adopts', () => {
  it('[ENG-35] belongs to the reached workspace, behind a full pull, without what the former server said', async () => {
    const { context, store, stored, ownerOf, queue, foreign, change } = await opening({
      owner: `${OTHER}/dev_scout_1`,
      cursor: '1',
      contact: { ...CONTACT, isForeign: true, home: null },
    })
    await queue({ document: note })
    await change(async (changeset) => {
      changeset.put({ ...(await changeset.read('observation', NOTE.id)), inFlight: 1 })
    })
    const [key] = ['0000000000000001']
    await store({
      limits: { records: 1, bytes: 1 },
      snapshot: {
        syncId: 'syn_1',
        entries: [{ key, ...NOTE }],
        cursor: '1',
        reported: { resolved: 0, drift: false },
      },
      snapshotBody: '{}',
    })
    context.disownedBy = { workspaceUid: OWN, workspaceName: 'Yolo' }
    expect(await adoptStore(context)).toEqual({ ok: true })
    expect(ownerOf()).toBe(`${OWN}/dev_scout_1`)
    expect(stored('contact')).toEqual(CONTACT)
    expect([stored('limits'), stored('snapshot'), stored('snapshotBody')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(stored('fullPull')).toMatchObject({ reason: 'cursor' })
    expect(stored('queue')).toMatchObject({ unsettledBefore: 2 })
    expect([foreign.at(-1), context.disownedBy]).toEqual([null, null])
  })

  it('[ENG-35] is adopted without a batch on its way as well', async () => {
    const { context, stored } = await opening({
      owner: `${OTHER}/dev_scout_1`,
      contact: { ...CONTACT, isForeign: true },
    })
    expect(await adoptStore(context)).toEqual({ ok: true })
    expect(stored('queue')).toMatchObject({ unsettledBefore: 0 })
  })

  it.each<[string, Setup, string]>([
    ['of another device', { owner: 'dev_ben' }, 'is the store of dev_ben: only its own credential sends it'],
    ['that is its own', { owner: `${OWN}/dev_scout_1`, contact: CONTACT }, 'is this device’s own store'],
    ['that reached no server', {}, 'is this device’s own store'],
  ])('[ENG-35] %s is refused', async (_, setup, message) => {
    const { context, ownerOf } = await opening(setup)
    expect(await adoptStore(context)).toEqual({
      ok: false,
      issues: [{ path: '', message, code: 'other_store' }],
    })
    expect(ownerOf()).toBe(setup.owner ?? 'dev_scout_1')
  })
})
