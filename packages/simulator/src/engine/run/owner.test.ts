import { describe, expect, it } from 'vitest'

import { workspaceUidOf } from '../../model/model-server.ts'
import { TestDevice } from '../testing/test-device.ts'
import { TestServer } from '../testing/test-server.ts'
import { testWorld } from '../testing/test-world.ts'

const OWN = workspaceUidOf('ws_test')
const OTHER = workspaceUidOf('ws_company')

/** A world and a second company: another workspace, whose cursors are its own. */
async function twoCompanies() {
  const world = await testWorld()
  const company = new TestServer(world.clock, 'ws_company')
  company.enrol(world.anna.deviceId)
  return { ...world, company }
}

type World = Awaited<ReturnType<typeof twoCompanies>>

/** As a build before contract 1.4.0 leaves its store: owned by the device alone, without a word about the server. */
const asInstalledBefore = ({ anna }: Pick<World, 'anna'>, change: object = {}) =>
  anna.tamper(async (transaction) => {
    await transaction.put('values', 'position', { ...anna.position, ...change, owner: 'dev_anna' })
    await transaction.delete('values', ['contact'])
  })

const recordsSent = (device: TestDevice) =>
  device.sent.flatMap(({ upserts }) => Object.values(upserts).flat())

describe('the owner of a store', () => {
  it('[ENG-22] is open until a server was reached: writing works, and the first session claims the store', async () => {
    const { anna, server } = await testWorld()
    anna.link.sessionInstead = () => {
      throw new Error('no network')
    }
    const { observationId } = await anna.saved()
    await anna.sync()
    expect(anna.position.owner).toBe('dev_anna')
    expect(anna.engine.status()).toMatchObject({ state: 'sync_deferred', pending: 1, foreign: null })
    expect(anna.link.calls).toEqual([])
    anna.link.sessionInstead = null
    await anna.sync()
    expect(anna.position.owner).toBe(`${OWN}/dev_anna`)
    expect(server.observation(observationId)).toBeDefined()
  })

  it('[ENG-6, ENG-31] waits at most an hour where what answers in its place asks for a year', async () => {
    const { anna, clock } = await testWorld()
    anna.link.sessionInstead = () => ({ status: 503, body: 'closed', retryAfterMs: 365 * 86_400_000 })
    await anna.sync()
    const { state, nextTryAt } = anna.engine.status()
    expect(state).toBe('sync_deferred')
    expect((nextTryAt ?? Infinity) - clock.now()).toBeLessThan(62 * 60_000)
  })

  it('[ENG-22, ENG-35] of a program that named owners itself is foreign, and exported', async () => {
    const { anna } = await testWorld()
    const { observationId } = await anna.saved()
    // Builds before contract 1.4.0 stored any text that a program gave them.
    const owner = 'Ridge Farm/anna'
    await anna.tamper((transaction) => transaction.put('values', 'position', { ...anna.position, owner }))
    await anna.restart()
    await anna.sync()
    expect(anna.link.calls).toEqual([])
    expect(anna.engine.status().foreign).toMatchObject({
      reason: 'other_device',
      owner: { deviceId: owner, workspaceUid: null },
    })
    const exported = await anna.engine.foreign.export()
    expect(exported).toMatchObject({ owner, deviceId: 'dev_anna', entries: [{ id: observationId }] })
  })

  it('[ENG-22, GUA-7] another workspace at another address is sent nothing, and shown nothing', async () => {
    const { anna, company } = await twoCompanies()
    await anna.saved()
    await anna.sync()
    const unsent = await anna.saved()
    await anna.engine.patchPlaybook({
      playbookId: 'pbk_yolo_grape',
      reason: 'gusts',
      operations: [{ op: 'replace', path: '/rules/rule_pm_moderate/constraints/maxWindKph', value: 9 }],
    })
    const calls = anna.link.calls.length
    anna.link.server = company
    anna.link.address = 'https://elsewhere.test'
    await anna.restart()
    await anna.sync()
    expect(anna.link.calls).toHaveLength(calls)
    expect(company.requests).toEqual([])
    expect(anna.engine.status()).toMatchObject({
      state: 'error',
      pending: 2,
      problem: expect.stringContaining('before you decide'),
      foreign: {
        reason: 'other_workspace',
        hidden: true,
        owner: { workspaceUid: OWN, deviceId: 'dev_anna' },
        reached: { workspaceUid: OTHER, workspaceName: 'ws_company' },
      },
    })
    expect(anna.eventsOf('foreignStore')).toHaveLength(1)
    await anna.sync()
    await anna.engine.load()
    expect(anna.eventsOf('foreignStore')).toHaveLength(1)
    const { engine } = anna
    expect(await engine.records('observation')).toEqual([])
    expect(await engine.record('observation', unsent.observationId)).toBeNull()
    expect(await engine.conflicts()).toEqual([])
    expect(await engine.exportQueue()).toMatchObject({ entries: [], conflicts: [], localOnly: [] })
    expect(await engine.localOnly.list()).toEqual([])
    await expect(engine.saveObservation(anna.note())).rejects.toThrow('before you decide')
    await expect(engine.preview.observation(anna.note())).rejects.toThrow('before you decide')
    expect((await engine.foreign.export()).entries.map(({ id }) => id)).toContain(unsent.observationId)
  })

  it('[ENG-22, GUA-7] the own server that has become another workspace is sent nothing; notes stay, and new ones are kept', async () => {
    const { anna, company } = await twoCompanies()
    const { observationId } = await anna.saved()
    await anna.sync()
    const calls = anna.link.calls.length
    anna.link.server = company
    await anna.restart()
    await anna.sync()
    expect(await anna.engine.record('observation', observationId)).not.toBeNull()
    await anna.saved()
    await anna.sync()
    expect(anna.link.calls).toHaveLength(calls)
    expect(anna.engine.status()).toMatchObject({
      state: 'error',
      pending: 1,
      foreign: { reason: 'other_workspace', hidden: false },
    })
    expect(await anna.engine.records('observation')).toHaveLength(2)
    expect((await anna.engine.exportQueue()).entries).toHaveLength(1)
  })

  it('[ENG-61] of the own server that has become another workspace, the export holds all that it may lack', async () => {
    const { anna, ben, company } = await twoCompanies()
    const mine = await anna.saved()
    const theirs = await ben.saved()
    for (const each of [anna, ben, anna]) await each.sync()
    expect((await anna.engine.exportQueue()).localOnly).toEqual([])
    anna.link.server = company
    await anna.restart()
    await anna.sync()
    const unsent = await anna.saved()
    for (const queue of [await anna.engine.exportQueue(), await anna.engine.foreign.export()]) {
      expect(queue.entries.map(({ id }) => id)).toEqual([unsent.observationId])
      const notes = queue.localOnly.filter(({ type }) => type === 'observation')
      const found = Object.fromEntries(
        notes.map(({ id, own, server, document }) => [id, { own, server, document }]),
      )
      expect(found).toMatchObject({
        [mine.observationId]: { own: true, server: null, document: { rawNoteText: mine.rawNoteText } },
        [theirs.observationId]: { server: null, document: { deviceId: 'dev_ben' } },
      })
      expect(notes).toHaveLength(2)
      expect(queue.localOnly.map(({ type }) => type)).toContain('playbook')
    }
  })

  it('[ENG-22] a foreign store stays one over a restart without a network, until its own workspace is back', async () => {
    const { anna, company, server } = await twoCompanies()
    await anna.sync()
    const { observationId } = await anna.saved()
    anna.link.server = company
    anna.link.address = 'https://elsewhere.test'
    await anna.restart()
    await anna.sync()
    await anna.restart()
    expect(await anna.engine.load()).toMatchObject({ pending: 1, foreign: { reason: 'other_workspace' } })
    expect(await anna.engine.records('observation')).toEqual([])
    anna.link.server = server
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, foreign: null })
    expect(server.observation(observationId)).toBeDefined()
  })

  it('[ENG-22, GUA-7] a server that becomes another while the device runs is recognized by the refused cursor', async () => {
    const { anna, company } = await twoCompanies()
    await anna.saved()
    await anna.sync()
    await anna.saved()
    const { sessions } = anna.link
    anna.link.server = company
    await anna.sync()
    expect(anna.link.sessions).toBe(sessions + 1)
    expect(company.size).toBe(1)
    expect(anna.engine.status()).toMatchObject({ pending: 1, foreign: { reason: 'other_workspace' } })
  })

  it('[ENG-35] a person decides: an adopted store goes to the new workspace, behind a full pull', async () => {
    const { anna, company } = await twoCompanies()
    const before = await anna.saved()
    await anna.sync()
    const after = await anna.saved()
    anna.link.server = company
    await anna.restart()
    await anna.sync()
    const deciding = anna.engine.foreign.adopt()
    expect(await deciding).toEqual({ ok: true })
    await anna.sync()
    expect(anna.position.owner).toBe(`${OTHER}/dev_anna`)
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, foreign: null })
    for (const { observationId } of [before, after]) expect(company.observation(observationId)).toBeDefined()
    expect(await anna.engine.foreign.adopt()).toMatchObject({ ok: false })
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-22] the same workspace at another address has the same owner', async () => {
    const { anna, server } = await testWorld()
    await anna.sync()
    const { observationId } = await anna.saved()
    anna.link.address = 'https://elsewhere.test'
    await anna.restart()
    await anna.sync()
    expect(server.observation(observationId)).toBeDefined()
    expect(anna.engine.status().foreign).toBeNull()
  })

  it('[ENG-22, GUA-7] another device’s engine shows nothing of the store, writes nothing there and sends nothing', async () => {
    const { clock, server, anna } = await testWorld()
    const saved = await anna.saved()
    const thief = await TestDevice.open({ server, name: 'thief', clock, options: { store: anna.store } })
    await expect(thief.engine.saveObservation(thief.note())).rejects.toThrow('belongs to dev_anna')
    await thief.sync()
    expect(thief.engine.status()).toMatchObject({
      state: 'error',
      problem: expect.stringContaining('belongs to dev_anna'),
      foreign: { reason: 'other_device', owner: { deviceId: 'dev_anna', workspaceUid: null } },
    })
    expect(await thief.engine.load()).toMatchObject({ pending: 1 })
    expect(thief.link.calls).toEqual([])
    expect(thief.link.sessions).toBe(0)
    expect(await thief.engine.records('observation')).toEqual([])
    expect(await thief.engine.exportQueue()).toMatchObject({ entries: [], conflicts: [], localOnly: [] })
    expect(await thief.engine.foreign.adopt()).toMatchObject({
      ok: false,
      issues: [{ message: expect.stringContaining('its own credential') }],
    })
    expect(await anna.engine.exportQueue()).toMatchObject({ entries: [{ document: saved }] })
  })

  it('[ENG-22] the credential of another device is refused before anything is sent', async () => {
    const { anna, ben } = await testWorld()
    await anna.saved()
    anna.token = ben.token
    await anna.sync()
    expect(anna.link.calls).toEqual([])
    expect(anna.engine.status()).toMatchObject({
      state: 'auth_required',
      problem: 'The credential is of dev_ben, and this device is dev_anna.',
    })
  })
})

describe('a store of a build before contract 1.4.0', () => {
  it('[ENG-22, CUR-5] is claimed when the server accepts its cursor; a batch that was on its way goes out as it was', async () => {
    const world = await twoCompanies()
    const { anna, server } = world
    await anna.sync()
    const { observationId } = await anna.saved()
    anna.link.next('lost', 'lost', 'lost')
    await anna.sync()
    const body = anna.link.calls.at(-1)?.body
    await asInstalledBefore(world)
    await anna.restart()
    const before = anna.link.calls.length
    await anna.sync()
    expect(anna.position.owner).toBe(`${OWN}/dev_anna`)
    const [proof, again] = anna.link.calls.slice(before)
    expect(Object.values(anna.sent[before]?.upserts ?? {}).flat()).toEqual([])
    expect(proof?.body).not.toBe(body)
    expect(again?.body).toBe(body)
    expect(server.observation(observationId)).toBeDefined()
    expect(anna.engine.status().pending).toBe(0)
  })

  it('[ENG-22, GUA-7] is shown to be another’s by a refused cursor: nothing but the question is sent, once', async () => {
    const world = await twoCompanies()
    const { anna, company } = world
    await anna.saved()
    await anna.sync()
    await anna.saved()
    await asInstalledBefore(world)
    anna.link.server = company
    await anna.restart()
    const before = anna.link.calls.length
    await anna.sync()
    await anna.sync()
    expect(anna.link.calls).toHaveLength(before + 1)
    expect(recordsSent(anna).length).toBe(1)
    expect(anna.position).toMatchObject({ owner: 'dev_anna' })
    expect(anna.engine.status()).toMatchObject({ pending: 1, foreign: { reason: 'unknown_workspace' } })
  })

  it('[ENG-22] without a cursor it is claimed only if it holds nothing of a server', async () => {
    const installed = await twoCompanies()
    await installed.anna.saved()
    await asInstalledBefore(installed)
    await installed.anna.sync()
    expect(installed.anna.position.owner).toBe(`${OWN}/dev_anna`)

    const held = await twoCompanies()
    await held.anna.saved()
    await held.anna.sync()
    await asInstalledBefore(held, { cursor: '' })
    await held.anna.restart()
    const calls = held.anna.link.calls.length
    await held.anna.sync()
    expect(held.anna.link.calls).toHaveLength(calls)
    expect(held.anna.engine.status()).toMatchObject({ foreign: { reason: 'unknown_workspace' } })
  })
})

describe('a server that names no workspace', () => {
  it('[ENG-22] keeps the rule of 1.3.0 until it announces one', async () => {
    const { anna, server } = await testWorld()
    server.model.setBuild({ contract: null })
    await anna.saved()
    await anna.sync()
    expect(anna.position.owner).toBe('dev_anna')
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0 })
    server.model.setBuild({ contract: '1.4.0' })
    await anna.restart()
    await anna.sync()
    expect(anna.position.owner).toBe(`${OWN}/dev_anna`)
  })

  it('[ENG-22, GUA-7] at another address a known workspace has to accept the cursor', async () => {
    const { anna, server, company } = await twoCompanies()
    await anna.sync()
    const { observationId } = await anna.saved()
    server.model.setBuild({ contract: null })
    company.model.setBuild({ contract: null })
    // The same server, rolled back.
    await anna.restart()
    await anna.sync()
    expect(server.observation(observationId)).toBeDefined()
    await anna.saved()
    anna.link.server = company
    anna.link.address = 'https://elsewhere.test'
    await anna.restart()
    await anna.sync()
    expect(company.size).toBe(1)
    expect(anna.engine.status()).toMatchObject({ pending: 1, foreign: { reason: 'unknown_workspace' } })
  })
})
