import { WipedStoreError } from '@fieldsync/sync-engine'
import { describe, expect, it } from 'vitest'

import type { TestDevice } from '../testing/test-device.ts'
import { testWorld } from '../testing/test-world.ts'

const WIPED = { name: 'WipedStoreError' }
const TO_WIPE = { reason: 'wipe', action: 'wipe' }
const SECRET = 'mildew at the north gate'

/** A phone with notes that a server has, and three that none has, and what went with it. */
async function phone(options: { onWipe?: () => Promise<void> } = {}) {
  const gone: string[] = []
  const credentials = {
    renew: () => Promise.resolve(false),
    forget: async () => void gone.push('credential'),
  }
  const onWipe = options.onWipe ?? (async () => void gone.push('program'))
  const world = await testWorld({ credentials, onWipe })
  const { server, anna } = world
  await anna.saved({ rawNoteText: SECRET })
  await anna.sync()
  for (let i = 0; i < 3; i++) await anna.saved({ rawNoteText: SECRET })
  const refusal = server.refuse('AUTH_REQUIRED', TO_WIPE)
  return { ...world, gone, refusal }
}

const stored = ({ disk }: TestDevice): string =>
  JSON.stringify((['records', 'outbox', 'conflicts', 'values'] as const).map((table) => disk.content(table)))

describe('a device that is to be wiped', () => {
  it('[ENG-80, ENG-81, ENG-82, ENG-83] deletes everything, acknowledges it, and then forgets its credential', async () => {
    const { anna, gone, refusal } = await phone()
    anna.link.next(refusal)
    await anna.sync()
    const wipe = { step: 'done', unsentDeleted: 3, workspaceName: anna.engine.status().wipe?.workspaceName }
    expect(anna.engine.status()).toMatchObject({
      state: 'auth_required',
      pending: 0,
      wipe,
      problemDetail: { code: 'AUTH_REQUIRED', reason: 'wipe', action: 'wipe' },
    })
    expect(anna.link.acknowledged).toEqual([3])
    expect(gone).toEqual(['program', 'credential'])
    expect(stored(anna)).not.toContain(SECRET)
    expect(anna.disk.content('values')).toEqual([['wipe', { ...wipe, deviceId: anna.deviceId }]])
    expect(anna.eventsOf('wipe').map(({ wipe: { step } }) => step)).toEqual([
      'deleting',
      'acknowledging',
      'forgetting',
      'done',
    ])
    await expect(anna.engine.saveObservation(anna.note())).rejects.toThrow('was wiped by an admin')
    const { length } = anna.link.calls
    await anna.sync()
    expect(anna.link.calls).toHaveLength(length)
    expect(anna.link.acknowledged).toEqual([3])
  })

  it('[ENG-80] writes and shows nothing from then on, also in another tab and after a restart', async () => {
    const { anna, refusal } = await phone()
    const tab = await anna.anotherTab()
    tab.start()
    anna.link.next(refusal)
    anna.link.nextAcknowledgement('unsent', 'unsent', 'unsent')
    await anna.sync()
    await anna.ended()
    expect(tab.status()).toMatchObject({ pending: 0, wipe: { step: 'acknowledging', unsentDeleted: 3 } })
    await anna.restart()
    for (const engine of [tab, anna.engine]) {
      await expect(engine.saveObservation(anna.note())).rejects.toThrow('is being wiped by an admin')
      await expect(engine.saveObservation(anna.note())).rejects.toBeInstanceOf(WipedStoreError)
      await expect(engine.preview.observation(anna.note())).rejects.toMatchObject(WIPED)
      expect(await engine.records('observation')).toEqual([])
      expect((await engine.exportQueue()).entries).toEqual([])
      expect((await engine.foreign.export()).entries).toEqual([])
    }
    expect((await anna.engine.load()).wipe).toMatchObject({ step: 'acknowledging' })
    await tab.stop()
  })

  it('[ENG-80] shows nothing of what it still has, if it dies before that is deleted', async () => {
    const { anna, refusal } = await phone()
    anna.link.next(refusal)
    anna.disk.atCommit = ({ when }) => {
      const isMarked = anna.disk.content('values').some(([name]) => name === 'wipe')
      if (when === 'after' && isMarked) anna.die()
    }
    await anna.sync()
    await anna.restart()
    expect(stored(anna)).toContain(SECRET)
    expect((await anna.engine.load()).wipe).toMatchObject({ step: 'deleting', unsentDeleted: 3 })
    expect(await anna.engine.records('observation')).toEqual([])
    expect(await anna.engine.conflicts()).toEqual([])
    await expect(anna.engine.saveObservation(anna.note())).rejects.toMatchObject(WIPED)
    await anna.sync()
    expect(stored(anna)).not.toContain(SECRET)
    expect(anna.engine.status().wipe).toMatchObject({ step: 'done' })
  })

  it('[ENG-82] acknowledges until that is answered, and only then forgets its credential', async () => {
    const { server, anna, gone, refusal } = await phone()
    anna.link.next(refusal)
    anna.link.nextAcknowledgement('unsent', 'lost', server.refuse('UNAVAILABLE'), {
      status: 502,
      body: '<html>',
    })
    // What a network that wants a sign-in, or a program that is none of ours, answers.
    const strange = ['<html>', 'null', '"acknowledgedAt"', '{}'].map((body) => ({ status: 200, body }))
    anna.link.nextAcknowledgement(...strange, 'lost')
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({
      state: 'sync_deferred',
      problem: 'UNAVAILABLE',
      wipe: { step: 'acknowledging' },
    })
    expect(gone).toEqual(['program'])
    await anna.restart()
    await anna.sync()
    await anna.sync()
    await anna.sync()
    expect(anna.engine.status().wipe).toMatchObject({ step: 'done' })
    expect(anna.link.acknowledged).toEqual([3, 3, 3])
    expect(gone).toEqual(['program', 'credential'])
  })

  it.each([
    ['revoked', 'AUTH_REQUIRED', { reason: 'revoked', action: 're_enrol' }],
    ['unknown', 'AUTH_REQUIRED', { reason: 'invalid', action: 'authenticate' }],
    ['not to be wiped any more', 'CONFLICT', {}],
  ] as const)(
    '[ENG-82] whose credential is %s by then has nothing left to acknowledge',
    async (_, code, details) => {
      const { server, anna, gone, refusal } = await phone()
      anna.link.next(refusal)
      anna.link.nextAcknowledgement(server.refuse(code, details))
      await anna.sync()
      expect(anna.engine.status().wipe).toMatchObject({ step: 'done' })
      expect(gone).toEqual(['program', 'credential'])
    },
  )

  it('[ENG-81] waits with the acknowledgement until the program has deleted what it has', async () => {
    let fails = true
    const onWipe = () => (fails ? Promise.reject(new Error('the disk is full')) : Promise.resolve())
    const { anna, refusal } = await phone({ onWipe })
    anna.link.next(refusal)
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred', problem: 'the disk is full' })
    expect(anna.link.acknowledged).toEqual([])
    expect(stored(anna)).not.toContain(SECRET)
    fails = false
    await anna.sync()
    expect(anna.engine.status().wipe).toMatchObject({ step: 'done' })
  })

  it('[ENG-80, ENG-83] goes on after a death at any commit, before or after it, and acknowledges the same', async () => {
    const dry = await phone()
    const start = dry.anna.disk.commits
    dry.anna.link.next(dry.refusal)
    await dry.anna.sync()
    const commits = dry.anna.disk.commits - start
    expect(commits).toBeGreaterThanOrEqual(5)
    for (let at = 0; at < commits; at++) {
      for (const when of ['before', 'after'] as const) {
        const { anna, gone, refusal } = await phone()
        anna.link.next(refusal)
        anna.crashAt(at, when)
        await anna.sync()
        expect(anna.isDead).toBe(true)
        await anna.restart()
        // A phone that died before it stored the mark is asked again.
        if (anna.disk.content('values').every(([name]) => name !== 'wipe')) anna.link.next(refusal)
        await anna.sync()
        const where = `${when} commit ${at}`
        expect(anna.engine.status().wipe, where).toMatchObject({ step: 'done', unsentDeleted: 3 })
        expect(stored(anna), where).not.toContain(SECRET)
        expect(new Set(anna.link.acknowledged), where).toEqual(new Set([3]))
        expect(gone, where).toContain('program')
        expect(gone.at(-1), where).toBe('credential')
      }
    }
  })
})

describe('a wipe that nobody may ask for', () => {
  it('[ENG-84] is one by another server than that of the store', async () => {
    const { anna, gone, refusal } = await phone()
    anna.link.address = 'https://elsewhere.test'
    await anna.restart()
    anna.link.sessionInstead = () => refusal
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'auth_required', pending: 3, wipe: null })
    expect(gone).toEqual([])
    expect(stored(anna)).toContain(SECRET)
  })

  it('[ENG-84] is one for a store of another device', async () => {
    const { anna, refusal } = await phone()
    await anna.tamper(async (transaction) => {
      await transaction.put('values', 'position', { ...anna.position, owner: 'dev_somebody' })
    })
    anna.link.sessionInstead = () => refusal
    anna.link.next(refusal)
    await anna.sync()
    expect(anna.engine.status().wipe).toBeNull()
    expect(stored(anna)).toContain(SECRET)
  })

  it.each([
    ['an answer without an envelope', { status: 401, body: JSON.stringify(TO_WIPE) }],
    ['a page', { status: 401, body: '<html>wipe</html>' }],
  ])('[ENG-84] is %s', async (_, answer) => {
    const { anna } = await phone()
    anna.link.next(answer, answer, answer)
    await anna.sync()
    expect(anna.engine.status().wipe).toBeNull()
    expect(stored(anna)).toContain(SECRET)
  })
})
