import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** A tab of a browser; what it can do is in the manual of Playwright. */
export type Tab = Page

export type TestBrowser = AsyncDisposable & {
  /** Opens a page in a new tab. All tabs of one browser share what the site has stored. */
  readonly open: (address: string) => Promise<Tab>
  /** Ends the process behind a tab on the spot, as a crash or a lack of memory does. */
  readonly crash: (tab: Tab) => Promise<void>
  /** The processes of the whole browser that are there; the one behind a page is a `renderer`. */
  readonly processes: () => Promise<{ pid: number; type: string; cpuSeconds: number }[]>
  /** Ends the whole browser with kill -9, which only one with a folder of its own bears. */
  readonly kill: () => Promise<void>
  /** The most that the site of this tab may store from its first write on; later Chromium goes by what it knows. */
  readonly limitStorage: (tab: Tab, bytes: number) => Promise<void>
}

export type BrowserOptions = {
  /** What the browser says it is. */
  readonly userAgent?: string
  /** The time zone of its clock (IANA), in place of the machine's. */
  readonly timeZone?: string
  /** The language that its person reads, as `es-AR`. */
  readonly language?: string
  /** Trusts whatever certificate a server shows. */
  readonly trustsAll?: boolean
  /**
   * Lets the app install its service worker, which takes a process and as long again as the page itself. One with a profile
   * always does.
   */
  readonly installs?: boolean
  /** A process of its own that stores in this folder, used before or not, or in a new one that is removed at the end. */
  readonly profile?: string | true
  /** Compiles what runs long, as people's browsers do; only with a profile, since the others share a process. */
  readonly optimizes?: boolean
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
  // Names in place of the loopback: addresses that browsers do not trust.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
]
// A page of a test ends before code that is compiled well gives back what compiling it took, a sixth of all time.
const FOR_SHORT_PAGES = '--js-flags=--no-opt --no-maglev'

/**
 * A real Chromium without a window: as a private window of one process for all tests of a worker, or with a profile.
 */
export async function startBrowser(options: BrowserOptions = {}): Promise<TestBrowser> {
  const isNew = options.profile === true
  const profile =
    options.profile === true ? mkdtempSync(path.join(tmpdir(), 'fieldsync-browser-')) : options.profile
  const context = await openContext(options, profile)
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
    processes: () => processesOf(context),
    kill: async () => {
      if (profile === undefined) throw new Error('this browser shares its process: give it a profile')
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
      if (isNew && profile !== undefined) rmSync(profile, { recursive: true, force: true })
    },
  }
}

let shared: Promise<Browser> | undefined

async function openContext(
  { userAgent, timeZone, language, trustsAll = false, installs = false, optimizes = false }: BrowserOptions,
  profile: string | undefined,
): Promise<BrowserContext> {
  const args = optimizes ? FLAGS : [...FLAGS, FOR_SHORT_PAGES]
  const launch = { executablePath: chromiumPath(), args, headless: true }
  const context = {
    ...(userAgent !== undefined && { userAgent }),
    ...(timeZone !== undefined && { timezoneId: timeZone }),
    ...(language !== undefined && { locale: language }),
    ignoreHTTPSErrors: trustsAll,
  }
  if (profile !== undefined) return chromium.launchPersistentContext(profile, { ...launch, ...context })
  // Ended with the worker, which ends its processes.
  shared ??= chromium.launch(launch)
  return (await shared).newContext({ ...context, serviceWorkers: installs ? 'allow' : 'block' })
}

async function processesOf(context: BrowserContext) {
  const session = await context.browser()?.newBrowserCDPSession()
  const processes = (await session?.send('SystemInfo.getProcessInfo'))?.processInfo ?? []
  await session?.detach()
  return processes.map(({ id: pid, type, cpuTime: cpuSeconds }) => ({ pid, type, cpuSeconds }))
}

async function browserPid(context: BrowserContext): Promise<number> {
  const browser = (await processesOf(context)).find(({ type }) => type === 'browser')
  if (browser === undefined) throw new Error('the browser does not tell its process')
  return browser.pid
}

/**
 * The program of a Chromium on this machine, which the test run found.
 * @throws when there is none, saying how to get one
 */
function chromiumPath(): string {
  const found = process.env['CHROMIUM_PATH'] ?? ''
  if (found !== '') return found
  throw new Error(
    'there is no Chromium here: install it (apt-get install chromium) or name one in CHROMIUM_PATH',
  )
}
