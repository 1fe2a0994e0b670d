import { readFile } from 'node:fs/promises'

import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { DeviceId, Observation } from '@fieldsync/contracts'
import { observation, testDatabase } from '@fieldsync/testkit'
import { pageFindings, pageTroubles, startBrowser, type Tab } from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type AppWorld, NEIGHBOR, PHONE, SCOUT, startAppWorld } from './testing/app-world.ts'
import { loseRecord } from './testing/lose-record.ts'
import { precedeByConflicts, readsWhileIdle } from './testing/many-conflicts.ts'
import { phone } from './testing/phone-screen.ts'
import { refuseNext } from './testing/refuse-next.ts'
import { speak } from './testing/speak.ts'

describe('what goes wrong in the field', () => {
  let world: AppWorld
  beforeAll(async () => {
    world = await startAppWorld((await testDatabase()).serverEnv)
  }, 300_000)
  afterAll(() => world[Symbol.asyncDispose]())

  it('says where it cannot be started without a network', async () => {
    await using browser = await startBrowser()
    const { port } = new URL(world.server.url)
    const tab = await browser.open(`http://phone.test:${port}/app/`)
    const warning = tab.getByText('This address is not secure')
    await warning.waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await phone(tab).setUp(SCOUT)
    await warning.waitFor()
    await phone(tab).draft('Written over plain http', 'Block 2')
  })

  it('[APP-50] says on Home and in the settings that the browser may delete unsent notes, until it is asked not to', async () => {
    await using browser = await startBrowser({ profile: true })
    const tab = await browser.open(`${world.server.url}/app/`)
    const self = phone(tab)
    await self.setUp(SCOUT)
    await tab.getByRole('button', { name: 'New note' }).waitFor()
    expect(await tab.getByText('may delete stored data').count()).toBe(0)
    await tab.context().setOffline(true)
    await self.draft('Only here', 'Block 3')
    await tab.getByText('1 note is stored only here. This browser may delete stored data').waitFor()
    await tab.goto(`${world.server.url}/app/settings`)
    await tab.getByText('This browser may delete stored data').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await self.button('Protect storage')
    await tab.getByText('The browser did not allow it').waitFor()
    const devtools = await tab.context().newCDPSession(tab)
    await devtools.send('Browser.setPermission', {
      permission: { name: 'persistent-storage' },
      setting: 'granted',
    })
    await self.button('Protect storage')
    await tab.getByText('Protected: your notes stay on this device').waitFor()
    await self.section(/^Home/)
    await tab.getByRole('link', { name: 'Only here' }).waitFor()
    expect(await tab.getByText('stored only here').count()).toBe(0)
  })

  it('[APP-50] has an iPhone install the app before it is set up', async () => {
    await using browser = await startBrowser({
      userAgent:
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1',
    })
    const tab = await browser.open(`${world.server.url}/app/`)
    await tab.getByText('install the app first').waitFor()
    await phone(tab).setUp(SCOUT)
    await tab.context().setOffline(true)
    await phone(tab).draft('On a phone', 'Block 3')
    await tab.getByText('Safari deletes stored data after seven days').waitFor()
  })

  it('says that a note is not saved where the device has no room, and saves it later', async () => {
    await using browser = await startBrowser({ profile: true })
    const { port } = new URL(world.server.url)
    const tab = await browser.open('about:blank')
    // Over plain http, so that the app's own files take no part of the room.
    await tab.goto(`http://phone.test:${port}/app/`)
    await browser.limitStorage(tab, 600_000)
    const self = phone(tab)
    await self.setUp()
    const words = 'Long words of a careful scout. '.repeat(600)
    const failed = tab.getByText('Not saved. There is not enough storage')
    const begin = tab.getByRole('button', { name: 'New note' })
    let notes = 0
    while (!(await failed.isVisible())) {
      expect(notes++).toBeLessThan(60)
      await begin.click()
      await tab.getByLabel('Note', { exact: true }).fill(`${notes} ${words}`)
      await self.choose()
      await self.button('Save as draft')
      await failed.or(begin).first().waitFor()
    }
    expect(await pageFindings(tab)).toEqual([])
    await browser.limitStorage(tab, 60_000_000)
    await self.button('Save as draft')
    await tab.getByRole('link', { name: `${notes} Long words` }).waitFor()
  }, 120_000)

  it('[APP-2] lets a person repair what the server refuses to read', async () => {
    await using browser = await startBrowser()
    const complaints: string[] = []
    const tab = await browser.open('about:blank')
    pageTroubles(tab, complaints, { offline: true })
    await tab.goto(`${world.server.url}/app/`)
    const self = phone(tab)
    await self.setUp()
    await self.badge('Up to date')
    await refuseNext(tab, 'old form', '/upserts/observations/0/rawNoteText', 'must name a row')
    await self.draft('A note of the old form', 'Block 4')
    await self.syncNow()
    await self.button('Review')
    await tab.getByRole('link', { name: 'A note of the old form' }).click()
    await tab.getByRole('button', { name: 'Fix and send' }).waitFor()
    // What only this server knows is its own sentence, and that is in the details alone (APP-49).
    await tab.getByText('Note: The server does not accept this value').waitFor()
    expect(await tab.getByText('must name a row').count()).toBe(0)
    await self.button('Details')
    await tab.getByText('must name a row').waitFor()
    // A screen that nobody touches comes to rest.
    await expect.poll(() => readsWhileIdle(tab), { timeout: 20_000 }).toBeLessThan(3)
    await precedeByConflicts(tab, 120)
    await tab.reload()
    await self.button('Fix and send')
    await tab.getByText('The server does not accept this value').waitFor()
    await tab.reload()
    await tab.getByText('The server does not accept this value').waitFor()
    await precedeByConflicts(tab, 0)
    expect(await pageFindings(tab)).toEqual([])
    await tab.getByLabel('Note', { exact: true }).fill('A note of row 12')
    await tab.reload()
    await expect
      .poll(() => tab.getByLabel('Note', { exact: true }).inputValue(), { timeout: 20_000 })
      .toBe('A note of row 12')
    await self.button('Send fixed note')
    await tab.getByText('No conflicts').waitFor()
    await self.syncNow()
    await self.badge('Up to date')
    await tab.getByRole('link', { name: 'A note of row 12' }).waitFor()

    // The same of a change of the playbook.
    await self.section(/^Playbook/)
    await tab.getByRole('link', { name: 'Max. wind' }).first().click()
    await tab.getByLabel('Max. wind').fill('14')
    await tab.getByLabel('Reason for the change').fill('spray drift')
    await refuseNext(
      tab,
      'spray drift',
      '/upserts/playbookPatches/0/operations/0/value',
      'is not allowed here',
    )
    await self.button('Apply change')
    await self.syncNow()
    await self.button('Review')
    await tab.getByRole('link', { name: 'spray drift' }).click()
    await self.button('Fix and send')
    await tab.getByText('The server does not accept this value').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await tab.getByLabel('Max. wind').fill('13')
    await self.button('Fix and send')
    await tab.getByText('No conflicts').waitFor()
    await self.syncNow()
    await self.badge('Up to date')
    expect(complaints).toEqual([])
  }, 120_000)

  it('[APP-49] describes in Spanish what a server refuses, by its code; the server’s sentence is in the details', async () => {
    await using browser = await startBrowser()
    const tab = await browser.open(`${world.server.url}/app/`)
    const self = phone(tab)
    await self.setUp()
    await self.badge('Up to date')
    await speak(tab, 'es')
    const refuse = async (status: number, code: string, details: object) => {
      const message = 'A sentence in English.'
      const error = { code, message, retryable: false, traceId: '0', details }
      const json = { requestId: 'req_1', timestamp: '2026-02-11T18:00:00.000Z', error }
      await tab.unroute('**/v1/**')
      await tab.route('**/v1/**', (route) => route.fulfill({ status, json }))
      await self.button('Sincronizar')
    }
    for (const [status, code, details, text] of [
      [404, 'NOT_FOUND', {}, 'No se encontró en este servidor.'],
      [403, 'FORBIDDEN', { reason: 'role' }, 'El rol de este dispositivo no lo permite.'],
      [402, 'QUOTA_EXCEEDED', {}, 'El servidor lo rechazó (QUOTA_EXCEEDED).'],
      [401, 'AUTH_REQUIRED', { reason: 'revoked', action: 're_enrol' }, 'Este dispositivo fue revocado.'],
      [
        401,
        'AUTH_REQUIRED',
        { reason: 'token_refused', action: 're_enrol' },
        'Su empresa ya no acepta tokens de dispositivo. Para configurar',
      ],
    ] as const) {
      await refuse(status, code, details)
      await tab.getByText(text).waitFor()
      expect(await tab.getByText('A sentence in English').count()).toBe(0)
    }
    expect(await pageFindings(tab)).toEqual([])
    await self.button('Detalles')
    await tab.getByText('A sentence in English').waitFor()
  }, 60_000)

  it('[ENG-41, ENG-43] keeps a note that the server no longer has, says so, and exports it', async () => {
    await using browser = await startBrowser()
    const other = await world.otherDevice()
    const { deviceId: _id, ...made } = observation({ deviceId: 'dev_agronomist', status: 'confirmed' })
    const words = 'Seen by a phone that is gone'
    await other.saveObservation({ ...made, deviceId: DeviceId.parse('dev_agronomist'), rawNoteText: words })
    await other.sync()
    const tab = await browser.open(`${world.server.url}/app/`)
    const self = phone(tab)
    await self.setUp()
    await tab.getByRole('link', { name: words }).waitFor()
    await loseRecord(tab, words)
    await self.syncNow()
    await tab.getByText('1 record on this device is no longer on the server.').waitFor()
    const row = tab.getByRole('link', { name: words })
    await row.getByText('Only on this device').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await self.badge('1 only here')
    await tab.getByText('None of them is yours to resend').waitFor()
    expect(await tab.getByRole('button', { name: /^Resend my/ }).count()).toBe(0)
    await self.button('Export in Settings')
    const [file] = await Promise.all([tab.waitForEvent('download'), self.button('Export')])
    expect(await readFile(await file.path(), 'utf8')).toContain(words)
    await self.section(/^Home/)
    await row.click()
    await tab.getByText('The server no longer has this record').waitFor()
    expect(await tab.getByRole('button', { name: 'Resend' }).count()).toBe(0)
    expect(await pageFindings(tab)).toEqual([])
    await self.button('Remove from this device…')
    await self.button('Remove permanently')
    await tab.getByText('The server no longer has this record').waitFor({ state: 'detached' })
    await self.section(/^Home/)
    await tab.getByRole('button', { name: 'New note' }).waitFor()
    expect(await row.count()).toBe(0)
  }, 120_000)

  it('[APP-14, APP-60, ENG-43] says how much of its own is only on this device, and sends all of it when asked', async () => {
    await using browser = await startBrowser()
    const own = createFieldsyncClient({ url: world.server.url, credentials: deviceToken(PHONE.token) })
    const words = 'Seen before the app was reinstalled'
    const deviceId = DeviceId.parse(PHONE.deviceId)
    const seen = [1, 2].map((number) =>
      observation({ deviceId, status: 'confirmed', rawNoteText: `${words} ${number}` }),
    )
    for (const note of seen) await own.api.observations.create.mutate(Observation.parse(note))
    const tab = await browser.open(`${world.server.url}/app/`)
    const self = phone(tab)
    await self.setUp()
    await tab.getByRole('link', { name: `${words} 2` }).waitFor()
    await loseRecord(tab, words)
    await self.syncNow()
    await self.badge('2 only here')
    expect(await pageFindings(tab)).toEqual([])
    // In another connection they are not forgotten.
    await self.connect(SCOUT)
    const stored = '2 records from dev_scout_1 are only on this device'
    await tab.getByText(stored, { exact: false }).waitFor()
    expect(await tab.getByRole('button', { name: 'Send now' }).count()).toBe(0)
    expect(await pageFindings(tab)).toEqual([])
    // On the narrowest phone its long label wraps inside the card.
    const viewport = tab.viewportSize()
    await tab.setViewportSize({ width: 320, height: 844 })
    const box = await tab.getByRole('button', { name: 'Export notes from dev_scout_1' }).boundingBox()
    expect(box === null ? null : box.x + box.width).toBeLessThanOrEqual(320 - 16)
    if (viewport !== null) await tab.setViewportSize(viewport)
    const save = self.button('Export notes from dev_scout_1')
    const [file] = await Promise.all([tab.waitForEvent('download'), save])
    expect(await readFile(await file.path(), 'utf8')).toContain(`${words} 2`)
    await self.section(/^Home/)
    await tab.getByText('2 records from another connection are only on this device.').waitFor()
    await self.connect(PHONE)
    await self.section(/^Home/)
    await self.button('Resend my 2 records')
    await self.badge('Up to date')
    await tab.getByText('Only on this device').first().waitFor({ state: 'detached' })
  }, 120_000)

  it('[ENG-22, ENG-35, APP-60] says what is unsent before the device gets another name, and sends it with the old one', async () => {
    await using browser = await startBrowser()
    const tab = await browser.open(`${world.server.url}/app/`)
    const self = phone(tab)
    await self.setUp()
    await self.badge('Up to date')
    await tab.context().setOffline(true)
    await self.badge('Offline')
    for (const words of ['Unsent 1', 'Unsent 2']) await self.draft(words, 'Block 6')
    await self.connect(SCOUT)
    await tab.getByText('dev_scout_1 has 2 unsent changes.').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    const [file] = await Promise.all([tab.waitForEvent('download'), self.button('Export to a file')])
    expect(await readFile(await file.path(), 'utf8')).toContain('Unsent 2')
    const wasShown = await watchFor(tab, 'Everything has been sent')
    await self.button('Send with the old connection')
    await tab.getByText('dev_scout_1 has 2 unsent changes (', { exact: false }).waitFor()
    await tab.getByText('Nothing unsent in the current connection', { exact: false }).waitFor()
    expect(await wasShown()).toBe(false)
    await self.section(/^Home/)
    await tab.getByText('2 unsent changes from another connection.').waitFor()
    expect(await tab.getByText('Unsent 1').count()).toBe(0)
    await tab.context().setOffline(false)
    await self.button('Sync now')
    await tab.getByText('from another connection', { exact: false }).waitFor({ state: 'detached' })
    const other = await world.otherDevice()
    await other.sync()
    const texts = (await other.records('observation')).map(({ document }) => document.rawNoteText)
    expect(texts.filter((text) => text.startsWith('Unsent'))).toHaveLength(2)
    await other.stop()
  }, 120_000)

  it('[ENG-22, ENG-35, ENG-61, GUA-7] gives another company nothing of this one’s notes, and lets the person decide', async () => {
    await using browser = await startBrowser()
    const tab = await browser.open(`${world.server.url}/app/`)
    const self = phone(tab)
    await self.setUp()
    await self.badge('Up to date')
    await tab.context().setOffline(true)
    await self.badge('Offline')
    await self.draft('Ours alone', 'Block 6')
    await self.connect(NEIGHBOR)
    await tab.context().setOffline(false)
    await self.section(/^Home/)
    await self.button('Sync now')
    await tab.getByText('Notes from another workspace').waitFor()
    await tab.getByText('1 unsent change.').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    const neighbor = createFieldsyncClient({
      url: world.server.url,
      credentials: deviceToken(NEIGHBOR.token),
    })
    expect((await neighbor.api.observations.list.query({})).items).toEqual([])
    await self.button('Send to their own workspace')
    await tab.getByText('Sent to their own workspace.').waitFor()
    await tab.getByText('these may be the last copies').waitFor()
    const [file] = await Promise.all([tab.waitForEvent('download'), self.button('Export to a file')])
    expect(await readFile(await file.path(), 'utf8')).toContain('Ours alone')
    await tab.getByLabel('Settings').click()
    await tab.getByText('The file contains every note on this device').waitFor()
    await self.section(/^Home/)
    await self.button('Keep them and start empty here')
    await self.badge('Up to date')
    await tab.getByText('No notes yet').waitFor()
    expect(await tab.getByText('Ours alone').count()).toBe(0)
    expect((await neighbor.api.observations.list.query({})).items).toEqual([])
    const other = await world.otherDevice()
    await other.sync()
    expect(
      (await other.records('observation')).some(({ document }) => document.rawNoteText === 'Ours alone'),
    ).toBe(true)
    await other.stop()
  }, 120_000)

  it('keeps everything else when a screen fails', async () => {
    await using browser = await startBrowser()
    const tab = await browser.open(`${world.server.url}/app/`)
    await phone(tab).setUp()
    await phone(tab).draft('A note with a date', 'Block 5')
    await tab.addInitScript(() =>
      Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', {
        get: () => {
          throw new Error('no dates today')
        },
      }),
    )
    await tab.goto(`${world.server.url}/app/history`)
    await tab.getByText('Something went wrong on this screen').waitFor()
    await phone(tab).button('Details')
    await tab.getByText('no dates today').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await phone(tab).button('Open Settings')
    await tab.getByRole('button', { name: 'Export' }).waitFor()
  })
})

/** Watches for words from here on. @returns whether they were on the screen for even a moment since */
async function watchFor(tab: Tab, words: string): Promise<() => Promise<boolean>> {
  await tab.evaluate((watched) => {
    new MutationObserver(() => {
      if (document.body.textContent.includes(watched)) document.documentElement.dataset['shown'] = watched
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
  }, words)
  return () => tab.evaluate((watched) => document.documentElement.dataset['shown'] === watched, words)
}
