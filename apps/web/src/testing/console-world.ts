import { type TestDatabase, testDatabase } from '@fieldsync/testkit'
import { pageTroubles, startBrowser, type Tab, type TestBrowser } from '@fieldsync/testkit/browser'
import { afterAll, expect } from 'vitest'

import { type Farm, startFarm, workADay, type Worked } from './farm.ts'

/** The console of a farm in a browser, after a day's work. */
type ConsoleWorld = {
  readonly farm: Farm
  readonly database: TestDatabase
  readonly browser: TestBrowser
  readonly worked: Worked
  readonly signIn: (role: keyof Farm['callers'], address?: string, options?: SignIn) => Promise<Tab>
}

type SignIn = {
  /** The test has the server refuse something, which a browser notes on the console. */
  readonly refuses?: boolean
  /** Another one than the file's. */
  readonly browser?: TestBrowser
}

/**
 * Sets it up for the calling test file, at its top level, until after the file's last test: the pages of `signIn` must have
 * said nothing on the console by then.
 */
export async function consoleWorld(): Promise<ConsoleWorld> {
  const database = await testDatabase()
  const farm = await startFarm(database.serverEnv)
  const browser = await startBrowser()
  const troubles: string[] = []
  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await farm[Symbol.asyncDispose]()
    expect(troubles).toEqual([])
  })
  const worked = await workADay(farm.callers)
  return {
    database,
    farm,
    browser,
    worked,
    signIn: async (role, address = '/', { refuses = false, browser: other = browser } = {}) => {
      const tab = await other.open('about:blank')
      if (!refuses) pageTroubles(tab, troubles)
      await beginSignedIn(tab, farm.callers[role].token)
      await tab.goto(`${farm.origin}${address}`)
      await tab.getByRole('navigation').waitFor()
      return tab
    },
  }
}

/** The first page of this tab finds a token that was pasted before, as one does that the browser brings back. */
const beginSignedIn = (tab: Tab, token: string): Promise<unknown> =>
  tab.addInitScript((pasted) => {
    const began = 'test-began'
    if (sessionStorage.getItem(began) !== null) return
    sessionStorage.setItem(began, '')
    sessionStorage.setItem('fieldsync-console-token', pasted)
    const signedOut = localStorage.getItem('fieldsync-console-signed-out') ?? ''
    sessionStorage.setItem('fieldsync-console-token-since', signedOut)
  }, token)
