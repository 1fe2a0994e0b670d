import { seededRuns } from '@fieldsync/testkit'
import { type PageServer, startBrowser, type Tab, type TestBrowser } from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { LOCAL_STORE_CASES } from '../testing/local-store-cases.ts'
import { serveStorePage } from './testing/store-browser.ts'

/** A name that leads to this machine, but that a browser trusts no more than any other without HTTPS. */
const UNTRUSTED = 'vineyard.test'

describe.each([
  { where: 'in Chromium', secure: true, cases: LOCAL_STORE_CASES },
  {
    where: 'in Chromium without Web Locks',
    secure: false,
    // What the lock has a part in.
    cases: LOCAL_STORE_CASES.filter(({ title }) => /STO-(?:9|14)/.test(title)),
  },
])('IndexedDB $where is a local store', ({ secure, cases }) => {
  const { seed } = seededRuns()
  let server: PageServer
  let browser: TestBrowser
  let tab: Tab
  beforeAll(async () => {
    server = await serveStorePage()
    browser = await startBrowser({ profile: true })
    tab = await browser.open(secure ? server.origin : `http://${UNTRUSTED}:${server.port}/`)
  })
  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  it('has Web Locks only where the page is trusted', async () => {
    expect(await tab.evaluate(() => 'locks' in navigator)).toBe(secure)
  })

  it.each(cases)('$title', async ({ title }) => {
    const problem = await tab.evaluate(([name, random]) => storePage.runCase(name, random), [
      title,
      seed,
    ] as const)
    if (problem !== undefined) throw new Error(problem)
  })
})
