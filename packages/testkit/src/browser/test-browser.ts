import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { type BrowserContext, chromium, type Page } from 'playwright-core'

import { chromiumPath } from './chromium-path.ts'

/** A tab of a browser; what it can do is in the manual of Playwright. */
export type Tab = Page

export type TestBrowser = AsyncDisposable & {
  /** Opens a page in a new tab. All tabs of one browser share what the site has stored. */
  readonly open: (address: string) => Promise<Tab>
  /** Ends the process behind a tab on the spot, as a crash or a lack of memory does. */
  readonly crash: (tab: Tab) => Promise<void>
  /** Ends the whole browser with kill -9. */
  readonly kill: () => Promise<void>
  /** The most that the site of this tab may store from its first write on; later Chromium goes by what it knows. */
  readonly limitStorage: (tab: Tab, bytes: number) => Promise<void>
}

export type BrowserOptions = {
  /** Further flags of Chromium's. */
  readonly flags?: readonly string[]
  /** A folder that a browser may have used before; one of its own unless given. */
  readonly profile?: string
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Else tabs of one site share a process once there are some, and die with each other.
  '--renderer-process-limit=100',
]

/** Starts a real Chromium without a window. */
export async function startBrowser({ flags = [], profile }: BrowserOptions = {}): Promise<TestBrowser> {
  const folder = profile ?? mkdtempSync(path.join(tmpdir(), 'fieldsync-browser-'))
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: chromiumPath(),
    args: [...FLAGS, ...flags],
    headless: true,
  })
  return {
    open: async (address) => {
      const tab = await context.newPage()
      await tab.goto(address)
      return tab
    },
    crash: async (tab) => {
      const crashed = new Promise((resolve) => void tab.once('crash', resolve))
      const session = await context.newCDPSession(tab)
      // There is no answer: who would give it is gone.
      session.send('Page.crash').catch(() => {})
      await crashed
    },
    kill: async () => {
      const closed = new Promise((resolve) => void context.once('close', resolve))
      process.kill(await browserPid(context), 'SIGKILL')
      await closed
    },
    limitStorage: async (tab, bytes) => {
      const session = await context.newCDPSession(tab)
      const { origin } = new URL(tab.url())
      await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: bytes })
    },
    [Symbol.asyncDispose]: async () => {
      await context.close()
      if (profile === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function browserPid(context: BrowserContext): Promise<number> {
  const session = await context.browser()?.newBrowserCDPSession()
  const processes = (await session?.send('SystemInfo.getProcessInfo'))?.processInfo
  const browser = processes?.find(({ type }) => type === 'browser')
  if (browser === undefined) throw new Error('the browser does not tell its process')
  return browser.id
}
