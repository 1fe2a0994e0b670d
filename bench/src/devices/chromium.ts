import path from 'node:path'

import { bundlePage, servePage, startBrowser, type Tab, type TestBrowser } from '@fieldsync/testkit/browser'

import { peakMemoryOf } from '../process-use.ts'
import type { BenchDevice, DeviceAt, Draft } from './device.ts'

/** What {@link Chromium.device}'s page can do. */
export type DevicePage = {
  open(device: { url: string; token: string; deviceId: string; store: string }): Promise<void>
  /** Has the store as if these records had been written one by one. */
  save(records: Draft[]): Promise<void>
  sync(): Promise<{ pending: number; conflicts: number; state: string; problem: string | null }>
}

/** What a browser has used so far. */
export type BrowserUse = {
  /** CPU seconds of all its processes that are there. */
  cpuSeconds: number
  /** The most memory that one of its pages' processes has had, megabytes. */
  peakMegabytes: number
}

export type Chromium = AsyncDisposable & {
  /** Of the page of its devices, which call another origin. */
  readonly origin: string
  readonly browser: TestBrowser
  /** A device on IndexedDB in a tab of its own. */
  device(at: DeviceAt): Promise<BenchDevice & { readonly tab: Tab }>
  use(): Promise<BrowserUse>
}

let stores = 0

/** A Chromium that compiles code as people's browsers do, with a profile on the disk, and a page with the client. */
export async function startChromium(): Promise<Chromium> {
  const page = await servePage(await bundlePage(path.join(import.meta.dirname, 'page/device-page.ts')))
  const browser = await startBrowser({ profile: true, optimizes: true })
  return {
    origin: page.origin,
    browser,
    device: async ({ url, client: { deviceId, token } }) => {
      const tab = await browser.open(page.origin)
      await tab.waitForFunction(() => 'devicePage' in globalThis)
      const store = `bench ${(stores += 1)}`
      await tab.evaluate((device) => devicePage.open(device), { url, token, deviceId, store })
      return {
        tab,
        save: (records) => tab.evaluate((all) => devicePage.save(all), [...records]),
        sync: async () => {
          const { pending, conflicts, state, problem } = await tab.evaluate(() => devicePage.sync())
          if (pending + conflicts > 0 || state !== 'idle') throw new Error(`${state}: ${problem}`)
        },
        [Symbol.asyncDispose]: () => tab.close(),
      }
    },
    use: async () => {
      const processes = await browser.processes()
      return {
        cpuSeconds: processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
        peakMegabytes: Math.max(
          ...processes.flatMap(({ pid, type }) => (type === 'renderer' ? [peakMemoryOf(pid)] : [])),
        ),
      }
    },
    [Symbol.asyncDispose]: async () => {
      await browser[Symbol.asyncDispose]()
      await page[Symbol.asyncDispose]()
    },
  }
}

declare global {
  /** In the tabs of devices. */
  var devicePage: DevicePage
}
