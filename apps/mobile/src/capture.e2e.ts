import type { Observation } from '@fieldsync/contracts'
import { testDatabase } from '@fieldsync/testkit'
import {
  pageFindings,
  pageTroubles,
  startBrowser,
  type Tab,
  type TestBrowser,
} from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type AppWorld, SCOUT, startAppWorld, VIEWER } from './testing/app-world.ts'
import { phone } from './testing/phone-screen.ts'
import { unsavedText } from './testing/unsaved-text.ts'

const P1 = { latitude: 38.1, longitude: -121.1, accuracy: 5 }
const P2 = { latitude: 38.9, longitude: -121.9, accuracy: 5000 }

describe('what a note says', () => {
  let world: AppWorld
  let browser: TestBrowser
  const complaints: string[] = []

  beforeAll(async () => {
    world = await startAppWorld((await testDatabase()).serverEnv)
    browser = await startBrowser()
  }, 300_000)
  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
  })

  async function open(place = '', prepare = async (_tab: Tab): Promise<void> => undefined): Promise<Tab> {
    const tab = await browser.open('about:blank')
    await tab.setViewportSize({ width: 390, height: 844 })
    await prepare(tab)
    pageTroubles(tab, complaints, { offline: true })
    await tab.goto(`${world.server.url}/app/${place}`)
    return tab
  }

  async function stored(text: string): Promise<Observation> {
    const other = await world.otherDevice()
    await other.sync()
    const found = (await other.records('observation', { limit: 500 })).find(
      ({ document }) => document.rawNoteText === text,
    )
    await other.stop()
    if (found === undefined) throw new Error(`${text} did not arrive`)
    return found.document
  }

  it('[APP-10, APP-12] is what its writer chose: saving asks for the rest, and leads there', async () => {
    const tab = await open()
    const self = phone(tab)
    await self.setUp()
    await self.button('New note')
    await tab.getByLabel('Note', { exact: true }).fill('Leaves look dull')
    expect(await tab.locator('[role=radio][aria-checked=true]').allInnerTexts()).toEqual(['Not checked'])
    await self.button('Save and confirm')
    const first = tab.getByRole('radio', { name: 'Powdery mildew' })
    await expect.poll(() => first.evaluate((node) => node === document.activeElement)).toBe(true)
    const problem = tab.getByText('Choose an issue')
    await expect.poll(() => problem.evaluate(isInSight)).toBe(true)
    expect(await pageFindings(tab)).toEqual([])
    await tab.keyboard.press('Enter')
    await problem.waitFor({ state: 'detached' })
    await tab.getByText('2 fields need attention.').waitFor()
    await self.button('Go to the first one')
    await expect
      .poll(() => tab.getByRole('radio', { name: 'Low' }).evaluate((node) => node === document.activeElement))
      .toBe(true)
    await tab.getByRole('radio', { name: 'High' }).click()

    // A symptom of another issue stays in sight, and can be taken off.
    await tab.getByRole('checkbox', { name: 'white powder on leaves' }).click()
    await tab.getByRole('radio', { name: 'Heat stress' }).click()
    const powder = tab.getByRole('checkbox', { name: 'white powder on leaves' })
    expect(await powder.getAttribute('aria-checked')).toBe('true')
    await powder.click()
    await powder.waitFor({ state: 'detached' })
    await tab.getByRole('checkbox', { name: 'wilting leaves' }).click()
    await self.button('Save and confirm')
    await tab.getByRole('link', { name: 'Leaves look dull' }).click()
    await tab.getByText('Not observed').waitFor()
    await tab.getByText('Unknown').waitFor()
    await self.syncNow()
    await self.badge('Up to date')
    expect(await stored('Leaves look dull')).toMatchObject({
      extraction: { issue: 'heat_stress', severity: 'high', symptoms: ['wilting leaves'], fieldBlock: '' },
      location: { source: 'region' },
      notObserved: ['/location', '/normalization/windEstimateKph'],
    })
    await tab.close()
  }, 120_000)

  it('[SHP-15] is the same in both languages', async () => {
    const tab = await open('settings')
    await tab.getByRole('radio', { name: 'Español' }).click()
    await tab
      .getByRole('navigation')
      .getByRole('link', { name: /^Inicio/ })
      .click()
    await tab.getByRole('link', { name: 'Leaves look dull' }).click()
    await tab.getByText('hojas marchitas').waitFor()
    await tab.goto(`${world.server.url}/app/new`)
    await tab.getByLabel('Nota', { exact: true }).fill('Manchas raras')
    await tab.getByRole('radio', { name: 'Baja' }).click()
    await tab.getByRole('radio', { name: 'Otro' }).click()
    await tab.getByRole('checkbox', { name: 'manchas en hojas' }).click()
    await tab.getByLabel(/Otros síntomas/).fill('insectos, hojas pegajosas')
    await tab.getByRole('button', { name: 'Guardar y confirmar' }).click()
    await tab.getByRole('link', { name: 'Manchas raras' }).waitFor()
    await tab.getByRole('button', { name: 'Sincronizar ahora' }).click()
    await tab.getByRole('banner').getByText('Al día').waitFor()
    expect((await stored('Manchas raras')).extraction.symptoms).toEqual([
      'spots on leaves',
      'insects',
      'hojas pegajosas',
    ])
    await tab.getByLabel('Ajustes').click()
    await tab.getByRole('radio', { name: 'English' }).click()
    // The tests after this one begin with what is stored.
    await expect
      .poll(async () => {
        await tab.reload()
        return await tab.getByLabel(/^(?:Settings|Ajustes)$/).getAttribute('aria-label')
      })
      .toBe('Settings')
    await tab.close()
  }, 120_000)

  it('[APP-11, APP-15] has the time and place of when it was started, and says how the place is known', async () => {
    const start = Date.parse('2026-06-14T17:05:00Z')
    const tab = await open('', async (page) => {
      await page.context().grantPermissions(['geolocation'])
      await page.context().setGeolocation(P1)
      await page.clock.install({ time: start })
    })
    const self = phone(tab)
    await self.button('New note')
    await tab.getByText('Measured here: 38.1000, -121.1000 (±5 m)').waitFor()
    await tab.getByLabel('Note', { exact: true }).fill('Started at P1')
    await self.choose()
    await tab.clock.runFor(1_000)
    await expect.poll(() => unsavedText(tab, 'unsaved-note-dev_scout_1')).toContain('Started at P1')
    // An hour later and elsewhere, the page comes back.
    await tab.context().setGeolocation(P2)
    await tab.clock.setSystemTime(start + 3_600_000)
    await tab.reload()
    await tab.getByText('an unsaved note you started earlier').waitFor()
    await tab.getByText('Measured here: 38.1000, -121.1000 (±5 m)').waitFor()
    await self.button('Save and confirm')
    await tab.getByRole('link', { name: 'Started at P1' }).waitFor()

    // A fix that is off by kilometres is no "here", and can be replaced, like the time.
    await self.button('New note')
    await tab.getByText('Approximate, within about 5 km').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await tab.getByLabel('Note', { exact: true }).fill('Corrected by hand')
    await self.choose()
    await self.button('Change location')
    await tab.getByLabel('Latitude, longitude').fill('38.2, -121.2')
    await tab.getByText('Entered by hand: 38.2000, -121.2000').waitFor()
    const seenAt = tab.getByLabel('Observed')
    await seenAt.fill('2026-06-31 10:00')
    await tab.getByText('Enter a time like').waitFor()
    await seenAt.fill('2026-06-13 10:30')
    expect(await pageFindings(tab)).toEqual([])
    await self.button('Save and confirm')
    await tab.getByRole('link', { name: 'Corrected by hand' }).waitFor()
    await tab.clock.runFor(10_000)
    await self.syncNow()
    // The clock of this test is half a year off, and the app says so.
    await tab.getByText(/This device’s clock is \d+ days (?:ahead of|behind) the server’s/).waitFor()
    const first = await stored('Started at P1')
    expect(first.location).toEqual({ lat: 38.1, lon: -121.1, source: 'gps', accuracyM: 5 })
    expect(Math.abs(Date.parse(first.extraction.observationTime) - start)).toBeLessThan(60_000)
    expect(first.createdAt).toBe(first.extraction.observationTime)
    const second = await stored('Corrected by hand')
    expect(second.location).toEqual({ lat: 38.2, lon: -121.2, source: 'map' })
    expect(new Date(second.extraction.observationTime).getMinutes()).toBe(30)
    await tab.close()
  }, 120_000)

  it('[APP-16] is offered to nobody who may not write, also when the role changes', async () => {
    await using others = await startBrowser()
    const tab = await others.open(`${world.server.url}/app/`)
    const self = phone(tab)
    await self.setUp(VIEWER)
    await self.badge('Up to date')
    await tab.getByRole('link', { name: 'Leaves look dull' }).first().waitFor()
    await expect.poll(() => tab.getByRole('button', { name: 'New note' }).count()).toBe(0)
    await tab.goto(`${world.server.url}/app/new`)
    await tab.getByText('You can read notes but not write them').waitFor()
    expect(await pageFindings(tab)).toEqual([])

    // Tabs of one browser share their settings, and this one asks the server itself.
    await tab.close()
    const scout = await others.open('about:blank')
    await scout.clock.install()
    let role = 'scout'
    await scout.route(/session\.get/, async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replaceAll('"scout"', `"${role}"`) })
    })
    await scout.goto(`${world.server.url}/app/settings`)
    await scout.getByLabel('Device name').fill(SCOUT.deviceId)
    await scout.getByLabel('Device token').fill(SCOUT.token)
    await phone(scout).button('Save connection')
    await phone(scout).section(/^Home/)
    await scout.getByRole('button', { name: 'New note' }).waitFor()
    role = 'viewer'
    await scout.clock.fastForward('01:10')
    await phone(scout).button('Sync now')
    await scout.getByRole('button', { name: 'New note' }).waitFor({ state: 'detached' })
    role = 'scout'
    await scout.clock.fastForward('01:10')
    await phone(scout).button('Sync now')
    await scout.getByRole('button', { name: 'New note' }).waitFor()
  }, 120_000)

  it('[APP-62, APP-63] has its wind in the units that are chosen, and names the zone of its times', async () => {
    const tab = await open('', async (fresh) => {
      const session = await fresh.context().newCDPSession(fresh)
      await session.send('Emulation.setTimezoneOverride', { timezoneId: 'America/New_York' })
    })
    const self = phone(tab)
    // A test before has set this browser up.
    const chooseUnits = async (name: string) => {
      await tab.getByLabel('Settings').click()
      await tab.getByRole('radio', { name }).click()
      await self.section(/^Home/)
    }
    await chooseUnits('US (°F, mph)')
    await self.button('New note')
    await tab.getByLabel('Note', { exact: true }).fill('Gusts from the north')
    await self.choose()
    await tab.getByText('Estimate in mph').waitFor()
    await tab.getByLabel('Wind').fill('75')
    await self.button('Save and confirm')
    await tab.getByText('Enter a number from 0 to 74.5').waitFor()
    await tab.getByLabel('Wind').fill('12')
    await self.button('Save and confirm')
    await tab.getByRole('link', { name: 'Gusts from the north' }).click()
    await tab.getByText('12 mph').waitFor()
    const zones = /^Times in America\/New_York \(E[DS]T\), as .* The workspace is in America\/Los_Angeles\.$/
    await tab.getByText(zones).waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await self.syncNow()
    await self.badge('Up to date')
    expect((await stored('Gusts from the north')).normalization.windEstimateKph).toBe(19.312_128)
    await chooseUnits('Metric (°C, km/h)')
    await tab.getByRole('link', { name: 'Gusts from the north' }).click()
    await tab.getByText('19.3 km/h').waitFor()
    await tab.close()
  }, 60_000)

  it('complains of nothing', () => {
    expect(complaints).toEqual([])
  })
})

/** Runs in the page. */
function isInSight(node: Element): boolean {
  const { top, bottom } = node.getBoundingClientRect()
  return top >= 0 && bottom <= innerHeight
}
