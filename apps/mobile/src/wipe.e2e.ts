import { testDatabase } from '@fieldsync/testkit'
import { pageFindings, startBrowser, type Tab } from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type AppWorld, startAppWorld } from './testing/app-world.ts'
import { enrollments } from './testing/enrollments.ts'
import { phone } from './testing/phone-screen.ts'

const SECRET = 'Mildew at the north gate'
const ACKNOWLEDGEMENT = '**/v1/devices/*:acknowledgeWipe'
const BATCH = '**/v1/sync/batch'

/** Everything that the site has stored in the browser: databases, storages and caches, as one text. */
const storedText = (tab: Tab): Promise<string> =>
  tab.evaluate(async () => {
    const parts: unknown[] = [{ ...localStorage }, { ...sessionStorage }]
    const answer = <T>(asked: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        asked.addEventListener('success', () => resolve(asked.result))
        asked.addEventListener('error', () => reject(asked.error ?? new Error('it cannot be read')))
      })
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await answer(indexedDB.open(name))
      for (const table of database.objectStoreNames) {
        const store = database.transaction(table).objectStore(table)
        const [keys, values] = [await answer(store.getAllKeys()), await answer(store.getAll())]
        parts.push([name, table, keys, values.map((value: unknown) => (isKeyPair(value) ? 'a key' : value))])
      }
      database.close()
    }
    for (const name of globalThis.isSecureContext ? await caches.keys() : [])
      parts.push((await (await caches.open(name)).keys()).map(({ url }) => url))
    return JSON.stringify(parts)

    function isKeyPair(value: unknown): boolean {
      return typeof value === 'object' && value !== null && 'privateKey' in value
    }
  })

/** Notes each time that a text was on the page at all, however short. */
const watchFor = (tab: Tab, text: string) =>
  tab.addInitScript((secret) => {
    const state = globalThis as { seen?: boolean }
    state.seen = false
    const look = () => {
      state.seen ||= document.documentElement?.textContent?.includes(secret) ?? false
    }
    new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true })
  }, text)
const wasSeen = (tab: Tab) => tab.evaluate(() => (globalThis as { seen?: boolean }).seen)

describe('a field app whose device is wiped', () => {
  let world: AppWorld
  beforeAll(async () => {
    world = await startAppWorld((await testDatabase()).serverEnv)
  }, 300_000)
  afterAll(() => world[Symbol.asyncDispose]())

  /** An enrolled device with one note at the server, three unsent ones, and one that is being typed. */
  async function withUnsent(browser: Awaited<ReturnType<typeof startBrowser>>, deviceId: string) {
    const admin = enrollments(world.server.url, deviceId)
    const { link } = await admin.open()
    const tab = await browser.open(link)
    const self = phone(tab)
    await tab.getByRole('button', { name: 'Sync now' }).waitFor()
    await self.draft(`${SECRET} 0 of ${deviceId}`, 'Block 1')
    await self.badge('Up to date')
    await tab.context().route(BATCH, (route) => route.abort())
    for (const number of [1, 2, 3]) await self.draft(`${SECRET} ${number} of ${deviceId}`, 'Block 1')
    await self.button('New note')
    await tab.getByLabel('Note', { exact: true }).fill(`${SECRET}, half written`)
    await expect.poll(() => storedText(tab)).toContain('half written')
    return { admin, tab, self }
  }

  it('[APP-70, APP-71, WIP-5, ENG-81] deletes notes, drafts and key, says so, and can be set up again', async () => {
    await using browser = await startBrowser()
    const { admin, tab, self } = await withUnsent(browser, 'dev_stolen')
    await admin.wipe()
    await tab.context().unroute(BATCH)
    const message = /wiped by an administrator of .+\. 3 unsent notes were deleted\./
    await tab.getByText(message).waitFor({ timeout: 60_000 })
    await tab.getByText('Set up this device').first().waitFor()
    expect(await pageFindings(tab)).toEqual([])
    const stored = await storedText(tab)
    for (const text of [SECRET, 'half written', 'a key', 'dev_stolen/'])
      expect(stored, text).not.toContain(text)
    expect(await admin.wiped()).toMatchObject({
      unsentDeleted: 3,
      acknowledgedAt: expect.any(String) as string,
    })
    await tab.reload()
    await tab.getByText(message).waitFor()

    const { link } = await admin.open()
    await tab.getByLabel('Link or code').fill(link)
    await self.button('Set up')
    await self.badge('Up to date')
    expect(await tab.getByText(message).count()).toBe(0)
    await self.draft('Written after the wipe', 'Block 2')
    await self.badge('Up to date')
    expect(await admin.notes()).toEqual([`${SECRET} 0 of dev_stolen`, 'Written after the wipe'])
    expect(await admin.wiped()).toBeNull()
  }, 180_000)

  it('[APP-70, ENG-80, ENG-82] goes on after it was killed, in both tabs, and shows nothing of what was there', async () => {
    await using browser = await startBrowser()
    const { admin, tab } = await withUnsent(browser, 'dev_killed')
    const other = await tab.context().newPage()
    await other.goto(`${world.server.url}/app/`)
    await other.getByRole('link', { name: `${SECRET} 3` }).waitFor()
    await tab.context().route(ACKNOWLEDGEMENT, (route) => route.abort())
    await admin.wipe()
    await tab.context().unroute(BATCH)
    for (const each of [tab, other])
      await each.getByText('Everything stored on this device was deleted.').waitFor({ timeout: 60_000 })
    expect(await storedText(other)).not.toContain(SECRET)
    expect(await admin.wiped()).toMatchObject({ acknowledgedAt: null })
    await browser.crash(tab)
    await tab.close()

    await watchFor(other, SECRET)
    await other.reload()
    await other.getByText('Everything stored on this device was deleted.').waitFor()
    expect(await pageFindings(other)).toEqual([])
    await other.context().unroute(ACKNOWLEDGEMENT)
    await other.context().setOffline(true)
    await other.context().setOffline(false)
    await other.getByText('3 unsent notes were deleted.').waitFor({ timeout: 60_000 })
    expect(await wasSeen(other)).toBe(false)
    expect(await storedText(other)).not.toContain(SECRET)
    expect(await admin.wiped()).toMatchObject({
      unsentDeleted: 3,
      acknowledgedAt: expect.any(String) as string,
    })
  }, 180_000)

  it('[WIP-2] keeps everything where its build does not know how to wipe', async () => {
    await using browser = await startBrowser()
    const { admin, tab, self } = await withUnsent(browser, 'dev_old_build')
    // As a build of contract 1.6.0 announces itself.
    await tab
      .context()
      .route(`${world.server.url}/{v1,oauth,trpc}/**`, (route) =>
        route.continue({ headers: { ...route.request().headers(), 'fieldsync-contract': '1.6.0' } }),
      )
    await admin.wipe()
    await tab.context().unroute(BATCH)
    await self.badge('Key rejected')
    expect(await storedText(tab)).toContain(`${SECRET} 3`)
    expect(await admin.wiped()).toMatchObject({ acknowledgedAt: null })
  }, 180_000)
})
