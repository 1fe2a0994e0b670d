import { Playbook, PlaybookPatch, type SyncConflict } from '@fieldsync/contracts'
import { playbook, playbookPatch, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { transact } from '../core/engine-context.ts'
import { START } from '../testing/documents.ts'
import { testContext } from '../testing/test-context.ts'
import { reconcilePatches } from './reconcile-patches.ts'

const random = seededRandom(101)
const book = Playbook.parse(playbook())
const rule = (name: string) => `/rules/rule_${name}_moderate/constraints/maxWindKph`
const patch = (baseVersion: number, name = 'pm'): PlaybookPatch =>
  PlaybookPatch.parse(
    playbookPatch({ baseVersion, operations: [{ op: 'replace', path: rule(name), value: 9 }] }, random),
  )

type Met = { resolution?: string; overlapping?: boolean; paths?: string[] | null }
const conflictOf = (
  { patchId }: PlaybookPatch,
  { resolution = 'rebase', overlapping = false, paths = [rule('heat')] }: Met = {},
) =>
  ({
    entityType: 'playbookPatch',
    entityId: patchId,
    code: 'PLAYBOOK_VERSION_MISMATCH',
    message: 'moved on',
    conflictId: `cnf_${patchId}`,
    resolution,
    ...(paths && { playbook: { document: book, overlapping, intervening: [{ version: 4, paths }] } }),
  }) as unknown as SyncConflict

/** The answer about these patches of one playbook, which the server has at version 5; `behind` was not sent. */
async function answered(
  sent: { patch: PlaybookPatch; conflict?: SyncConflict; asks?: true }[],
  { behind = [], version = 5 }: { behind?: PlaybookPatch[]; version?: number | null } = {},
) {
  const world = await testContext()
  const keys = await world.queue(
    ...sent.map(({ patch: document, asks }) => ({ document, writtenAt: 7, ...(asks && { asks }) })),
    ...behind.map((document) => ({ document })),
  )
  const reconciled = await transact(world.context, async (changeset) => {
    await changeset.load(sent.map(({ patch: { patchId } }) => ({ type: 'playbookPatch', id: patchId })))
    await changeset.read('playbook', book.playbookId)
    if (version !== null) changeset.putServer('playbook', book.playbookId, { ...book, version })
    const entries = await changeset.entries(keys.slice(0, sent.length))
    const decided = entries.map((entry, i) => ({ ...entry, conflict: sent[i]?.conflict ?? null }))
    return reconcilePatches(world.context, changeset, book.playbookId, decided, START)
  })
  const record = ({ patchId }: PlaybookPatch) => world.tables().records.get(`playbookPatch/${patchId}`)
  return { ...reconciled, ...world, keys, record, outbox: () => [...world.tables().outbox.values()] }
}

describe('a patch', () => {
  it('[ENG-7] that was accepted is the server’s, and acknowledged', async () => {
    const own = patch(4)
    const { accepted, parked, rebased, missing, record, outbox } = await answered([{ patch: own }])
    expect({ accepted, parked, rebased, missing }).toEqual({
      accepted: [own.patchId],
      parked: [],
      rebased: [],
      missing: [],
    })
    expect(record(own)).toMatchObject({ server: own, local: null, acknowledgedAt: START, status: 'synced' })
    expect(outbox()).toEqual([])
  })

  it('[ENG-16] that met changes which it does not touch goes out again on top of them, under a new id', async () => {
    const own = patch(3)
    const conflict = conflictOf(own)
    const { accepted, parked, rebased, record, outbox, keys } = await answered([{ patch: own, conflict }])
    expect([accepted, parked]).toEqual([[], []])
    const [entry] = outbox()
    expect(rebased).toEqual([{ from: own.patchId, to: entry?.id, conflict }])
    expect(entry?.id).not.toBe(own.patchId)
    expect(entry).toMatchObject({
      document: { ...own, patchId: entry?.id, baseVersion: 5 },
      writtenAt: 7,
      since: keys[0],
    })
    expect(record(own)).toBeUndefined()
  })

  it.each<[string, Met]>([
    ['what touches it', { overlapping: true }],
    ['what touches it, by the paths that changed', { paths: [rule('pm')] }],
    ['a conflict that a person has to resolve', { resolution: 'fix' }],
    ['a server that does not say what it met', { paths: null }],
  ])('[ENG-7, ENG-16] that met %s waits for a person', async (_, met) => {
    const own = patch(3)
    const conflict = conflictOf(own, met)
    const { parked, rebased, record, outbox, keys } = await answered([{ patch: own, conflict }])
    expect(rebased).toEqual([])
    expect(parked).toMatchObject([
      {
        kind: 'server',
        type: 'playbookPatch',
        entityId: own.patchId,
        losing: own,
        place: keys[0],
        foundAt: START,
        conflict,
      },
    ])
    expect(record(own)).toMatchObject({ status: 'conflict', local: own, server: null })
    expect(outbox()).toEqual([])
  })

  it('[ENG-16] behind one that waits for a person waits too, since it was built on that', async () => {
    const [first, second] = [patch(3), patch(4, 'dm')]
    const { parked, rebased } = await answered([
      { patch: first, conflict: conflictOf(first, { overlapping: true }) },
      { patch: second, conflict: conflictOf(second) },
    ])
    expect(parked.map(({ entityId }) => entityId)).toEqual([first.patchId, second.patchId])
    expect(rebased).toEqual([])
  })

  it('[ENG-16] is compared with what the patches before it met, too', async () => {
    const [first, second] = [patch(3), patch(4, 'heat')]
    const { parked, rebased } = await answered([
      { patch: first, conflict: conflictOf(first) },
      { patch: second, conflict: conflictOf(second, { paths: [] }) },
    ])
    expect(rebased).toMatchObject([{ from: first.patchId }])
    expect(parked).toMatchObject([{ entityId: second.patchId }])
  })

  it('[ENG-16] takes those behind it along, up to the first that touches what others changed', async () => {
    const own = patch(3)
    const behind = [patch(4, 'dm'), patch(5, 'heat')]
    const { outbox } = await answered([{ patch: own, conflict: conflictOf(own) }], { behind })
    expect(outbox().map(({ document }) => 'baseVersion' in document && document.baseVersion)).toEqual([
      5, 6, 3,
    ])
  })

  it('[ENG-16] stays without a place to go where the server shows no playbook', async () => {
    const own = patch(3)
    const { outbox } = await answered([{ patch: own, conflict: conflictOf(own) }], { version: null })
    expect(outbox()).toEqual([])
  })
})

describe('a patch that the server was asked for', () => {
  it('[ENG-62] is there: it is the server’s, and was acknowledged no later than before', async () => {
    const own = patch(3)
    const { accepted, missing, record } = await answered([{ patch: own, asks: true }])
    expect([accepted, missing]).toEqual([[], []])
    expect(record(own)).toMatchObject({ server: own, local: null, acknowledgedAt: null })
  })

  it('[ENG-62] is not there: it is only on this device, and nobody has to decide', async () => {
    const own = patch(3)
    const conflict = conflictOf(own, { overlapping: true })
    const { parked, rebased, missing, record, outbox } = await answered([
      { patch: own, asks: true, conflict },
    ])
    expect([parked, rebased, outbox()]).toEqual([[], [], []])
    expect(missing).toEqual([{ id: own.patchId, conflict }])
    expect(record(own)).toMatchObject({ server: null, local: null, localOnly: own, status: 'local_only' })
  })
})
