import { seededRandom } from '@fieldsync/testkit'
import { startBrowser, type Tab, type TestBrowser } from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { mixedSite, type PickServer } from './testing/mixed-builds.ts'

const SEED = 20261129
const VISITS = 4
const APPS = [
  ['/app/', 'Device name'],
  ['/', 'Token'],
] as const

let browser: TestBrowser
beforeAll(async () => {
  browser = await startBrowser({ installs: true })
}, 60_000)
afterAll(() => browser[Symbol.asyncDispose]())

const shown = (tab: Tab, label: string) => tab.getByLabel(label, { exact: true }).waitFor()
const isHashed = (address: string): boolean => /^\/(?:assets|app\/_expo)\//.test(address)

/** A page of one build whose files are asked of servers that have only the other. */
const torn: PickServer = (address) => (isHashed(address) ? 'b' : 'a')

describe.each(APPS)('the first visit to %s while a new version is being installed', (place, label) => {
  it(`[APP-40] shows the page, whichever server is asked for which of its files (seed ${SEED})`, async () => {
    const random = seededRandom(SEED)
    let missing = 0
    // Each site is another origin, of which the browser knows nothing yet.
    for (let visit = 0; visit < VISITS; visit += 1) {
      await using site = await mixedSite(() => (random.fraction() < 0.5 ? 'a' : 'b'))
      const tab = await browser.open(site.origin + place)
      await shown(tab, label)
      missing += site.asked.filter(({ status }) => status === 404).length
      await tab.close()
    }
    expect(missing).toBeGreaterThan(0)
  }, 90_000)

  it('[APP-41] is loaded again once, then says why nothing comes, and goes on when a person wants it', async () => {
    await using site = await mixedSite(torn)
    const tab = await browser.open(site.origin + place)
    await tab.getByRole('alert').getByText('A new version is probably being installed').waitFor()
    expect(site.asked.filter(({ address }) => address === place)).toHaveLength(2)
    site.pick = () => 'b'
    await tab.getByRole('button', { name: 'Reload' }).click()
    await shown(tab, label)
    await tab.close()
  })

  it('[APP-41] needs no word where the page loaded again is whole', async () => {
    let pages = 0
    await using site = await mixedSite((address) => {
      if (address === place) pages += 1
      return pages < 2 ? torn(address) : 'b'
    })
    const tab = await browser.open(site.origin + place)
    await shown(tab, label)
    expect(pages).toBe(2)
    await tab.close()
  })

  it('[APP-43] is not empty where not even the starting script comes, as from an older server', async () => {
    await using site = await mixedSite((address) => (/start\.(?:js|css)$/.test(address) ? 'neither' : 'a'))
    const tab = await browser.open(site.origin + place)
    await tab.getByText('a new version is probably being installed').waitFor()
    expect(await tab.getByRole('link', { name: 'Reload' }).count()).toBe(1)
    await tab.close()
  })
})

it('[APP-42] the service worker keeps the files of one build, or none until the next visit', async () => {
  // Its list of files is of one build, the page that it asks for of the other.
  await using site = await mixedSite((address) => (address === '/app/index.html' ? 'b' : 'a'))
  const tab = await browser.open(`${site.origin}/app/`)
  await shown(tab, 'Device name')
  await expect.poll(() => site.asked.some(({ address }) => address === '/app/index.html')).toBe(true)
  const state = () =>
    tab.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration('/app/')
      return registration?.active ? 'active' : registration?.installing ? 'installing' : 'none'
    })
  await expect.poll(state).toBe('none')
  site.pick = () => 'a'
  await tab.reload()
  await expect.poll(state, { timeout: 10_000 }).toBe('active')
  await tab.close()
})
