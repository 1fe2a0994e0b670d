import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { testDatabase } from '@fieldsync/testkit'
import {
  contrastFindings,
  pageFindings,
  pageTroubles,
  startBrowser,
  type Tab,
  type TestBrowser,
} from '@fieldsync/testkit/browser'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { type AppWorld, PHONE, SCOUT, startAppWorld } from './testing/app-world.ts'
import { phone } from './testing/phone-screen.ts'
import { unsavedText } from './testing/unsaved-text.ts'

const FIRST = 'White powder on the lower leaves'
const SECOND = 'Scorched leaf edges by the road'
const THIRD = 'Insects at the well'
const HALF = 'Something brown under the'

describe('a day in the field', () => {
  let world: AppWorld
  let browser: TestBrowser
  const profile = mkdtempSync(path.join(tmpdir(), 'fieldsync-phone-'))
  const complaints: string[] = []

  beforeAll(async () => {
    world = await startAppWorld((await testDatabase()).serverEnv)
    browser = await startBrowser({ profile })
  }, 300_000)
  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
    rmSync(profile, { recursive: true, force: true })
  })

  const opened: Tab[] = []
  // A browser opens six connections to one site, and each tab holds one for pokes.
  afterEach(async () => {
    for (const tab of opened.splice(0)) await tab.close()
  })

  /** The app in a tab, at a phone's size; whatever the page complains about is kept. */
  async function open(place = ''): Promise<Tab> {
    const tab = await browser.open('about:blank')
    opened.push(tab)
    await tab.setViewportSize({ width: 390, height: 844 })
    pageTroubles(tab, complaints, { offline: true })
    await tab.goto(`${world.server.url}/app/${place}`)
    return tab
  }

  const stored = (tab: Tab) =>
    tab.evaluate(async () => {
      await navigator.serviceWorker.ready
      return (await caches.keys()).length
    })

  it('[APP-5] is written offline, survives reload and kill, and arrives; a conflict is decided on the phone', async () => {
    let tab = await open()
    let self = phone(tab)
    expect(await pageFindings(tab)).toEqual([])
    await self.setUp()
    await self.badge('Up to date')
    expect(await stored(tab)).toBeGreaterThan(0)

    await tab.context().setOffline(true)
    await self.badge('Offline')
    await self.draft(FIRST, 'Block 7')
    await self.draft(SECOND, 'Block 9')
    await tab.reload()
    self = phone(tab)
    await self.draft(THIRD, 'Block 7')
    await tab.getByRole('group', { name: 'Unsent: 3' }).waitFor()

    // One is edited and confirmed, still without a network.
    await tab.getByRole('link', { name: FIRST }).click()
    await tab.getByRole('button', { name: 'Edit' }).waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await self.button('Edit')
    await tab.getByLabel('Note', { exact: true }).fill(`${FIRST}, and on berries`)
    await tab.getByRole('radio', { name: 'High' }).click()
    await self.button('Save and confirm')
    await tab.getByText('Once confirmed', { exact: false }).waitFor({ state: 'detached' })
    await tab.getByText(`${FIRST}, and on berries`).first().waitFor()
    // The form has gone when the note offers what a confirmed one does.
    await tab.getByRole('button', { name: 'Correct' }).waitFor()

    // The browser dies over a half-written note; all of it is there when it is started again, without a network.
    await self.section(/^Home/)
    await self.button('New note')
    await tab.getByLabel('Note', { exact: true }).fill(HALF)
    await expect.poll(() => unsavedText(tab, `unsaved-note-${PHONE.deviceId}`)).toContain(HALF)
    await browser.kill()
    browser = await startBrowser({ profile })
    await (await browser.open('about:blank')).context().setOffline(true)
    tab = await open('new')
    self = phone(tab)
    await tab.getByText('an unsaved note you started earlier').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    expect(await tab.getByLabel('Note', { exact: true }).inputValue()).toBe(HALF)
    await self.button('Discard and start over')
    expect(await tab.getByLabel('Note', { exact: true }).inputValue()).toBe('')
    await self.section(/^Notes/)
    await tab.getByRole('link', { name: `${FIRST}, and on berries` }).waitFor()
    await tab.getByRole('link', { name: THIRD }).waitFor()

    await tab.context().setOffline(false)
    await self.syncNow()
    await self.badge('Up to date')

    // Another device corrects the note; this one does too before it hears of that.
    const other = await world.otherDevice()
    await other.sync()
    const note = (await other.records('observation')).find(({ document }) =>
      document.rawNoteText.startsWith(FIRST),
    )
    if (note === undefined) throw new Error('the note did not arrive')
    expect(note.document).toMatchObject({ status: 'confirmed', extraction: { severity: 'high' } })
    await tab.context().setOffline(true)
    await self.badge('Offline')
    await other.correct(note.id, { rawNoteText: 'It is rust' }, 'looked with a lens')
    await other.sync()
    await tab.getByRole('link', { name: `${FIRST}, and on berries` }).click()
    await self.button('Correct')
    await tab.getByLabel('Note', { exact: true }).fill('It is mildew, surely')
    await tab.getByLabel('Reason for the correction').fill('touched it')
    await self.button('Save correction')
    await tab.getByText('It is mildew, surely').first().waitFor()
    await tab.context().setOffline(false)
    await self.syncNow()
    await self.button('Review')
    await tab.getByRole('link', { name: 'It is mildew, surely' }).click()
    await tab.getByText('It is rust').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    // As it was given, not as an app would say it (APP-5).
    expect(await tab.getByLabel('Reason for your correction').inputValue()).toBe('touched it')
    await self.button('Send mine as a correction')
    await tab.getByText('No conflicts').waitFor()
    await self.syncNow()
    await self.badge('Up to date')
    await other.sync()
    expect((await other.record('observation', note.id))?.document.rawNoteText).toBe('It is mildew, surely')
    await other.stop()
    expect(complaints).toEqual([])
  }, 180_000)

  it('offers a scout what a scout may do', async () => {
    await using others = await startBrowser()
    const tab = await others.open(`${world.server.url}/app/`)
    const self = phone(tab)
    await self.setUp(SCOUT)
    await self.badge('Up to date')
    await tab.getByRole('link', { name: 'It is mildew, surely' }).click()
    await tab.getByText('Only the author or an agronomist can change this note.').waitFor()
    expect(await tab.getByRole('button', { name: 'Correct' }).count()).toBe(0)
    await self.section(/^Playbook/)
    await tab.getByText('Max. wind').first().waitFor()
    expect(await tab.getByRole('link', { name: 'Max. wind' }).count()).toBe(0)
    await self.section(/^Home/)
    await self.draft('A note of the scout’s own', 'Block 3')
    await tab.getByRole('link', { name: 'A note of the scout’s own' }).click()
    await tab.getByRole('button', { name: 'Confirm' }).waitFor()
  }, 120_000)

  it('is seen by a second tab, and goes on where the server is dead', async () => {
    const first = await open()
    const second = await open('history')
    // A tab that nobody sees draws once a second, and each step would wait for that.
    await first.bringToFront()
    await phone(first).draft('Seen in both tabs', 'Block 1')
    await second.getByRole('link', { name: 'Seen in both tabs' }).waitFor()
    await phone(first).syncNow()
    await phone(first).badge('Up to date')
    await world.server.kill('SIGKILL')
    await first.reload()
    await phone(first).draft('Written while the server is dead', 'Block 2')
    await second.getByRole('link', { name: 'Written while the server is dead' }).waitFor()
    await first.getByRole('group', { name: 'Unsent: 1' }).waitFor()
    // What only this phone has goes out as a file.
    await first.getByLabel('Settings').click()
    const [file] = await Promise.all([first.waitForEvent('download'), phone(first).button('Export')])
    expect(readFileSync(await file.path(), 'utf8')).toContain('Written while the server is dead')
    // What is set in one tab holds in the other.
    await first.getByRole('radio', { name: 'Dark' }).click()
    await second.locator('html[data-theme=dark]').waitFor()
    await first.getByRole('radio', { name: 'System' }).first().click()
    await second.locator('html[data-theme=light]').waitFor()
    expect(complaints).toEqual([])
  }, 120_000)

  it('takes six steps at most from the start to a saved note', async () => {
    const tab = await open()
    let steps = 0
    const step = async (act: Promise<void>) => {
      await act
      steps++
    }
    await step(tab.getByRole('button', { name: 'New note' }).click())
    await step(tab.getByLabel('Note', { exact: true }).fill('Wilting in the south'))
    await step(tab.getByRole('radio', { name: 'Heat stress' }).click())
    await step(tab.getByRole('radio', { name: 'Moderate' }).click())
    await step(tab.getByRole('checkbox', { name: 'wilting leaves' }).click())
    await step(tab.getByRole('button', { name: 'Save and confirm' }).click())
    await tab.getByRole('link', { name: 'Wilting in the south' }).waitFor()
    expect(steps).toBeLessThanOrEqual(6)
  })

  it.each(['', 'new', 'history', 'conflicts', 'playbook', 'settings', 'nowhere'])(
    'shows /%s so that everybody can use it',
    async (place) => {
      const tab = await open(place)
      await tab.emulateMedia({ colorScheme: 'light' })
      await tab.locator('html[data-theme=light]').waitFor()
      expect(await pageFindings(tab)).toEqual([])
      await tab.emulateMedia({ colorScheme: 'dark' })
      await tab.locator('html[data-theme=dark]').waitFor()
      expect(await contrastFindings(tab)).toEqual([])
    },
  )
})
