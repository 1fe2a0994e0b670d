import {
  callOperation,
  device,
  observation,
  postBatch,
  startServer,
  syncBatch,
  testDatabase,
} from '@fieldsync/testkit'
import { startBrowser, type Tab, type TestBrowser } from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type AppWorld, OTHER, PHONE, startAppWorld } from './testing/app-world.ts'
import { phone } from './testing/phone-screen.ts'
import { tlsFront } from './testing/tls-front.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startAppWorld((await testDatabase()).serverEnv)
}, 300_000)
afterAll(() => world[Symbol.asyncDispose]())

/** Tabs of one browser, and which of them have a live stream open. */
class Tabs {
  readonly streams = new Map<object, Tab>()
  readonly #browser: TestBrowser

  constructor(browser: TestBrowser) {
    this.#browser = browser
  }

  async open(address: string): Promise<Tab> {
    const tab = await this.#browser.open('about:blank')
    tab.on('request', (request) => {
      if (request.url().includes('sync.live')) this.streams.set(request, tab)
    })
    const ended = (request: object) => void this.streams.delete(request)
    tab.on('requestfinished', ended)
    tab.on('requestfailed', ended)
    await tab.goto(address)
    return tab
  }

  async openApps(origin: string, count: number): Promise<Tab[]> {
    const first = await this.open(`${origin}/app/`)
    await phone(first).setUp()
    const tabs = [first]
    while (tabs.length < count) {
      const tab = await this.open(`${origin}/app/`)
      await tab.getByRole('button', { name: 'New note' }).waitFor()
      tabs.push(tab)
    }
    return tabs
  }
}

/** How long an ordinary call of a page takes, in milliseconds. */
const callFrom = (tab: Tab): Promise<number> =>
  tab.evaluate(async () => {
    const started = performance.now()
    const signal = AbortSignal.timeout(10_000)
    await (await fetch('/v1/health', { cache: 'no-store', credentials: 'omit', signal })).text()
    return performance.now() - started
  })

/** Another device writes a note, which appears in a tab only by a poke: its timer takes minutes. */
async function arrives(tab: Tab | undefined, rawNoteText: string, url = world.server.url): Promise<void> {
  const { deviceId, token } = OTHER
  const createdAt = new Date().toISOString()
  const observations = [observation({ deviceId, rawNoteText, createdAt })]
  const sent = await postBatch(
    { url, deviceId, token },
    syncBatch({ device: device({ deviceId }), observations }),
  )
  expect(sent.status).toBe(200)
  await tab?.getByRole('link', { name: rawNoteText }).waitFor()
}

describe('many tabs of one browser', () => {
  it('[LIV-11] have a stream for each credential, room for calls, and every poke; a tab that dies hands over', async () => {
    await using browser = await startBrowser()
    const tabs = new Tabs(browser)
    const { url } = world.server
    const apps = await tabs.openApps(url, 6)
    const consoles: Tab[] = []
    for (let each = 0; each < 2; each += 1) {
      const tab = await tabs.open(`${url}/`)
      await tab.getByLabel('Token', { exact: true }).fill(OTHER.token)
      await tab.keyboard.press('Enter')
      await tab.getByRole('button', { name: 'Sign out' }).waitFor()
      consoles.push(tab)
    }
    await expect.poll(() => tabs.streams.size).toBe(2)
    for (const tab of [...apps, ...consoles]) expect(await callFrom(tab)).toBeLessThan(2_000)
    await arrives(apps.at(-1), 'Seen by the other device')

    const leader = [...tabs.streams.values()].find((tab) => apps.includes(tab))
    if (leader === undefined) throw new Error('no app has a stream')
    for (const [request, tab] of tabs.streams) if (tab === leader) tabs.streams.delete(request)
    await browser.crash(leader)
    await expect.poll(() => tabs.streams.size, { timeout: 20_000 }).toBe(2)
    await arrives(
      apps.findLast((tab) => tab !== leader),
      'Seen after the crash',
    )
  }, 180_000)

  it('[LIV-11] have one stream without HTTPS too, where there are no Web Locks', async () => {
    // A name in place of the loopback: an address that browsers do not trust.
    await using browser = await startBrowser()
    const tabs = new Tabs(browser)
    const apps = await tabs.openApps(world.server.url.replace('127.0.0.1', 'farm.test'), 3)
    expect(await apps[0]?.evaluate(() => 'locks' in navigator)).toBe(false)
    await expect.poll(() => tabs.streams.size).toBe(1)
    await arrives(apps.at(-1), 'Seen without HTTPS')
    for (const tab of apps) expect(await callFrom(tab)).toBeLessThan(2_000)
  }, 180_000)
})

describe('the field app of one server, with another', () => {
  it('[OPS-32, HDR-7, HDR-8] syncs and is poked, where that one lists its origin', async () => {
    const { server } = world
    await using other = await startServer({
      env: {
        ...(await testDatabase()).serverEnv,
        CORS_ORIGINS: server.url,
        PEPPER: 'the pepper of another server, which is long enough',
        DEVICE_TOKENS: [PHONE, OTHER]
          .map((each) => `ws_valley/${each.deviceId}#admin=${each.token}`)
          .join(','),
      },
    })
    await using front = await tlsFront(other.url)
    await using browser = await startBrowser({ trustsAll: true })
    const tab = await browser.open(`${server.url}/app/`)
    await tab.getByLabel('Server address').last().fill(front.origin)
    await phone(tab).setUp()
    await phone(tab).badge('Up to date')
    await phone(tab).draft('Written at one, kept at the other', 'Block 7')
    const stored = async () => {
      const { text } = await callOperation({
        url: other.url,
        token: OTHER.token,
        operation: 'observations.list',
        input: { text: 'kept at the other' },
      })
      return JSON.parse(text).length
    }
    await expect.poll(stored, { timeout: 20_000 }).toBe(1)
    await arrives(tab, 'From the other side', other.url)
  }, 120_000)

  it('[HDR-7] gets nothing where it is not listed, and keeps what was written', async () => {
    await using front = await tlsFront(world.server.url)
    await using browser = await startBrowser({ trustsAll: true })
    const tab = await browser.open(`${world.server.url}/app/`)
    await tab.getByLabel('Server address').last().fill(front.origin)
    await phone(tab).setUp()
    await phone(tab).draft('Kept on the phone', 'Block 7')
    await tab.getByRole('group', { name: 'Unsent: 1' }).waitFor()
    const refused = await tab.evaluate(
      (url) => fetch(`${url}/v1/session`, { headers: { 'x-device-token': 'x' } }).catch(String),
      front.origin,
    )
    expect(refused).toContain('Failed to fetch')
  }, 120_000)
})
