import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { roundSeeds, seededRandom } from '@fieldsync/testkit'
import { type PageServer, startBrowser, type Tab, type TestBrowser } from '@fieldsync/testkit/browser'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { serveStorePage } from './testing/store-browser.ts'

let names = 0

/** Opens a page in a new tab, and the store there. */
async function openTab(browser: TestBrowser, server: PageServer, store: string): Promise<Tab> {
  const tab = await browser.open(server.origin)
  await tab.evaluate((name) => storePage.open(name), store)
  return tab
}

/** Has a tab save writes until so many are confirmed; gives the number of the last one. */
async function noteWrites(tab: Tab, enough: number): Promise<() => number> {
  let last = 0
  const reached = Promise.withResolvers<void>()
  await tab.exposeFunction('acknowledged', (turn: number) => {
    last = turn
    if (turn >= enough) reached.resolve()
  })
  // Never answered: the tab dies in the middle of it.
  tab.evaluate(() => storePage.noteWrites()).catch(() => {})
  await reached.promise
  return () => last
}

describe('tabs of one Chromium on one store', () => {
  let server: PageServer
  let browser: TestBrowser
  let name = ''
  const opened: Tab[] = []
  beforeAll(async () => {
    server = await serveStorePage()
    browser = await startBrowser({ profile: true })
  })
  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })
  const open = async (): Promise<Tab> => {
    const tab = await openTab(browser, server, name)
    opened.push(tab)
    return tab
  }
  afterEach(async () => {
    for (const tab of opened.splice(0)) await tab.close()
  })
  const begin = async (): Promise<readonly [Tab, Tab]> => {
    name = `tabs ${(names += 1)}`
    return [await open(), await open()]
  }

  it("[STO-12] hear of each other's commits and read them", async () => {
    const [writer, reader] = await begin()
    await writer.evaluate(() => storePage.count(1))
    await reader.waitForFunction(() => storePage.changes() > 0)
    expect(await reader.evaluate(() => storePage.content())).toEqual({ counter: 1 })
  })

  it('[STO-7] that count at the same time lose no update', async () => {
    const both = await begin()
    await Promise.all(both.map((tab) => tab.evaluate(() => storePage.count(50))))
    expect(await both[0].evaluate(() => storePage.content())).toEqual({ counter: 100 })
  })

  it('[STO-9] have one lock, and the one without it keeps writing', async () => {
    const [leader, follower] = await begin()
    expect(await leader.evaluate(() => storePage.hold())).toBe(true)
    expect(await follower.evaluate(() => storePage.hold())).toBe(false)
    await leader.context().setOffline(true)
    await follower.evaluate(() => storePage.count(2))
    expect(await leader.evaluate(() => storePage.content())).toEqual({ counter: 2 })
    await leader.context().setOffline(false)
    await leader.evaluate(() => storePage.letGo())
    expect(await follower.evaluate(() => storePage.hold())).toBe(true)
  })

  it('[STO-9] take over the lock of a tab that was closed, and of one whose process died', async () => {
    const [closed, crashed] = await begin()
    const last = await open()
    expect(await closed.evaluate(() => storePage.hold())).toBe(true)
    await closed.close()
    await crashed.waitForFunction(() => storePage.hold())
    expect(await last.evaluate(() => storePage.hold())).toBe(false)
    await browser.crash(crashed)
    await last.waitForFunction(() => storePage.hold())
  })

  it.each(roundSeeds(2))(
    '[STO-1, STO-2] a tab killed while it writes leaves whole transactions and every acknowledged one (seed %i)',
    async (seed) => {
      const [, survivor] = await begin()
      const random = seededRandom(seed)
      let before = 0
      for (let visit = 0; visit < 2; visit += 1) {
        const victim = await open()
        const last = await noteWrites(victim, before + random.int(1, 20))
        await browser.crash(victim)
        const whole = await survivor.evaluate(() => storePage.wholeTransactions())
        // The last commit may not have been confirmed.
        expect(whole).toBeGreaterThanOrEqual(last())
        expect(whole).toBeGreaterThan(before)
        before = whole
      }
    },
  )

  it('[STO-1, STO-13] of a site that may store no more report it, and keep what they have', async () => {
    await using elsewhere = await serveStorePage()
    const tab = await browser.open(elsewhere.origin)
    await browser.limitStorage(tab, 3_000_000)
    await tab.evaluate(() => storePage.open('small'))
    await tab.evaluate(() => storePage.count(1))
    expect(await tab.evaluate(() => storePage.fill(6_000_000))).toBe('full')
    expect(await tab.evaluate(() => storePage.content())).toEqual({ counter: 1 })
    await tab.evaluate(() => storePage.count(1))
    expect(await tab.evaluate(() => storePage.content())).toEqual({ counter: 2 })
  })
})

describe('a whole Chromium', () => {
  it('[STO-1, STO-2] killed with -9 while a tab writes keeps whole transactions and every acknowledged one', async () => {
    await using server = await serveStorePage()
    const profile = mkdtempSync(path.join(tmpdir(), 'fieldsync-profile-'))
    try {
      await using first = await startBrowser({ profile })
      const last = await noteWrites(await openTab(first, server, 'the store'), 10)
      await first.kill()
      await using second = await startBrowser({ profile })
      const tab = await openTab(second, server, 'the store')
      expect(await tab.evaluate(() => storePage.wholeTransactions())).toBeGreaterThanOrEqual(last())
    } finally {
      rmSync(profile, { recursive: true, force: true })
    }
  })
})
