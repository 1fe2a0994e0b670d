import type { FieldsyncClient } from '@fieldsync/client'
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

import { type AppWorld, OTHER, PHONE, SCOUT, startAppWorld, VIEWER } from './testing/app-world.ts'
import { enrollments } from './testing/enrollments.ts'
import { phone } from './testing/phone-screen.ts'
import { unsavedText } from './testing/unsaved-text.ts'

const SULFUR = /Apply sulfur/

describe('recommendations in the field', () => {
  let world: AppWorld
  let browser: TestBrowser
  let agronomist: FieldsyncClient
  const complaints: string[] = []

  beforeAll(async () => {
    world = await startAppWorld((await testDatabase()).serverEnv)
    browser = await startBrowser({ profile: true })
    agronomist = await world.otherDevice()
  }, 300_000)
  afterAll(async () => {
    await agronomist.stop()
    await browser[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
  })

  const opened: Tab[] = []
  afterEach(async () => {
    for (const tab of opened.splice(0)) await tab.close()
  })

  async function open(place = '', from: TestBrowser = browser): Promise<Tab> {
    const tab = await from.open('about:blank')
    opened.push(tab)
    await tab.setViewportSize({ width: 390, height: 844 })
    pageTroubles(tab, complaints, { offline: true })
    await tab.goto(`${world.server.url}/app/${place}`)
    return tab
  }

  /** A note on mildew, confirmed. */
  async function mildew(tab: Tab, words: string, block: string): Promise<void> {
    const self = phone(tab)
    await self.section(/^Home/)
    await self.button('New note')
    await tab.getByLabel('Note', { exact: true }).fill(words)
    await tab.getByRole('textbox', { name: 'Block' }).fill(block)
    await self.choose({ issue: 'Powdery mildew', severity: 'Moderate', symptom: 'white powder on leaves' })
    await self.button('Save and confirm')
    await tab.getByRole('link', { name: words }).waitFor()
  }

  /** What the server has for the note of these words, by another device. */
  async function atServer(words: string) {
    await agronomist.sync()
    const notes = await agronomist.records('observation')
    const note = notes.find(({ document }) => document.rawNoteText === words)
    const all = await agronomist.records('recommendation')
    return all.flatMap(({ document }) => (document.observationId === note?.id ? [document] : []))
  }

  it('[APP-98, APP-100, APP-104] are there without a network the moment a note is saved, and wait for a person', async () => {
    const tab = await open()
    const self = phone(tab)
    await self.setUp(SCOUT)
    await self.badge('Up to date')
    await tab.context().setOffline(true)
    await self.badge('Offline')
    await mildew(tab, 'White powder at the gate', 'Block 7')
    await tab.getByText('1 recommendation awaits confirmation.').waitFor()
    await tab.getByRole('link', { name: SULFUR }).click()
    await tab.getByRole('heading', { name: SULFUR }).waitFor()
    await tab.getByText(/^Opens in/).waitFor()
    await tab.getByText('No weather data: check the weather yourself', { exact: false }).waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await tab.emulateMedia({ colorScheme: 'dark' })
    await tab.locator('html[data-theme=dark]').waitFor()
    expect(await contrastFindings(tab)).toEqual([])
    await tab.emulateMedia({ colorScheme: 'light' })
    // It waits for a person, also over a reload.
    await tab.reload()
    const confirm = tab.getByRole('button', { name: 'Confirm recommendation' })
    await confirm.focus()
    await tab.keyboard.press('Enter')
    await confirm.waitFor({ state: 'detached' })
    await tab.getByText('Confirmed', { exact: true }).waitFor()
    await self.section(/^Home/)
    await tab.getByText('No recommendation awaits confirmation.').waitFor()
    await tab.context().setOffline(false)
    await self.syncNow()
    await self.badge('Up to date')
    expect(await atServer('White powder at the gate')).toMatchObject([{ status: 'confirmed' }])
  }, 120_000)

  it('[APP-98] are not made up: a note without one says why', async () => {
    const tab = await open()
    const self = phone(tab)
    await self.draft('Holes at the well', 'Block 2')
    await tab.getByRole('link', { name: 'Holes at the well' }).click()
    await tab.getByText('rules for powdery mildew and heat stress only', { exact: false }).waitFor()
    await self.section(/^Home/)
    await self.button('All recommendations')
    await tab.getByText('No recommendations here').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await tab.getByRole('radio', { name: 'Decided' }).click()
    await tab.getByRole('link', { name: SULFUR }).waitFor()
    expect(await pageFindings(tab)).toEqual([])
    expect(complaints).toEqual([])
  })

  it('[APP-100] are read by a viewer, who confirms none', async () => {
    const tab = await open()
    await phone(tab).badge('Up to date')
    await mildew(tab, 'White powder at the fence', 'Block 3')
    await phone(tab).syncNow()
    await phone(tab).badge('Up to date')
    await using others = await startBrowser()
    const reader = await open('', others)
    await phone(reader).setUp(VIEWER)
    await reader
      .getByRole('link', { name: /Block 3/ })
      .filter({ hasText: SULFUR })
      .click()
    await reader.getByText('Only the author of the note or an agronomist').waitFor()
    expect(await reader.getByRole('button', { name: 'Confirm recommendation' }).count()).toBe(0)
    expect(await pageFindings(reader)).toEqual([])
  }, 120_000)

  it('[APP-102, APP-103] rest on the weather that the server has, once there is some', async () => {
    const admin = enrollments(world.server.url, 'dev_weather')
    await admin.set({ weather: 'demo' })
    await using keyed = await startBrowser()
    const tab = await open('', keyed)
    await tab.context().grantPermissions(['geolocation'])
    await tab.context().setGeolocation({ latitude: 38.5449, longitude: -121.7405, accuracy: 8 })
    await tab.goto((await admin.open()).link)
    const self = phone(tab)
    await self.badge('Up to date')
    await mildew(tab, 'White powder by the river', 'Block 5')
    // The first one was there before the weather was.
    await expect.poll(() => unsavedText(tab, 'unsaved-weather-dev_weather')).toContain('wxf_')
    await self.button('All recommendations')
    await tab.getByRole('radio', { name: 'Replaced' }).click()
    await tab.getByRole('link', { name: SULFUR }).click()
    await tab.getByText('This was replaced', { exact: false }).waitFor()
    expect(await tab.getByRole('button', { name: 'Confirm recommendation' }).count()).toBe(0)
    expect(await pageFindings(tab)).toEqual([])
    await self.button('Show the newer one')
    await tab.getByText('The weather changed.').waitFor()
    await tab.getByText('Demo weather profile, not a measurement').waitFor()
    await tab.getByText('Humidity stays high', { exact: false }).first().waitFor()
    await tab.getByRole('button', { name: 'Confirm recommendation' }).waitFor()
    expect(await pageFindings(tab)).toEqual([])
  }, 120_000)

  it('[APP-101, APP-103, REC-16] are replaced once the playbook is changed in the console, and say what changed', async () => {
    await using others = await startBrowser()
    const tab = await open('', others)
    const self = phone(tab)
    await self.setUp(PHONE)
    await self.badge('Up to date')
    await tab.context().setOffline(true)
    await self.badge('Offline')
    await mildew(tab, 'White powder on the slope', 'Block 11')
    await tab.context().setOffline(false)
    await self.syncNow()
    await self.badge('Up to date')

    // A browser of its own: the two apps share a site.
    await using desk = await startBrowser()
    const office = await desk.open(`${world.server.url}/playbooks/pbk_yolo_grape`)
    const token = office.getByLabel('Token', { exact: true })
    await token.fill(OTHER.token)
    await office.locator('form', { has: token }).locator('button[type=submit]').click()
    await office.getByRole('button', { name: 'Edit values' }).click()
    for (const field of await office.getByLabel('Max. wind').all()) await field.fill('6')
    await office.getByLabel('Reason').fill('Gusts on the slope')
    await office.getByRole('button', { name: 'Apply changes' }).click()
    await office.getByRole('button', { name: 'Edit values' }).waitFor()

    await self.syncNow()
    await self.button('All recommendations')
    await tab.getByRole('radio', { name: 'Replaced' }).click()
    await tab.getByRole('link', { name: /Block 11/ }).click()
    await tab.getByText('This was replaced', { exact: false }).waitFor()
    expect(await tab.getByRole('button', { name: 'Confirm recommendation' }).count()).toBe(0)
    await self.button('Show the newer one')
    await tab.getByText('The playbook changed: version 3 became version 4.').waitFor()
    await tab.getByText('Before: The rule allows wind up to 7.5 mph', { exact: false }).waitFor()
    await tab.getByText('Now: The rule allows wind up to 6 mph', { exact: false }).waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await self.button('Confirm recommendation')
    await self.syncNow()
    await self.badge('Up to date')
    const statuses = (await atServer('White powder on the slope')).map(({ status }) => status).toSorted()
    expect(statuses).toEqual(['confirmed', 'pending_confirmation'])
  }, 180_000)
})
