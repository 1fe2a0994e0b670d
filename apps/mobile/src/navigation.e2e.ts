import path from 'node:path'

import { pageFindings, startBrowser, type Tab, type TestBrowser } from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { phone } from './testing/phone-screen.ts'
import { serveApp } from './testing/serve-app.ts'
import { speak } from './testing/speak.ts'

/** By `npm test` and `npm start`. */
const BUILT = path.resolve(import.meta.dirname, '../dist')
/** The app starts in that time on a busy machine. */
const ARRIVES = { timeout: 20_000 }
const NOTE = 'Powder on the lower leaves'

describe('ways through the app', () => {
  let site: Awaited<ReturnType<typeof serveApp>>
  let browser: TestBrowser
  let tab: Tab
  beforeAll(async () => {
    // No server stands behind it: nothing here needs one.
    site = await serveApp(BUILT)
    browser = await startBrowser()
    tab = await browser.open(`${site.origin}/app/`)
    await phone(tab).setUp()
    await phone(tab).draft(NOTE, 'Block 7')
  }, 120_000)
  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await site[Symbol.asyncDispose]()
  })

  const open = async (place: string) => {
    await tab.goto(`${site.origin}/app/${place}`)
    await tab.getByRole('main').waitFor()
  }
  const pathname = () => new URL(tab.url()).pathname
  const title = (name: string) => expect.poll(() => tab.title(), ARRIVES).toBe(name)
  const link = (name: string | RegExp) => tab.getByRole('link', { name })
  const focusIsInMain = () =>
    expect
      .poll(() => tab.getByRole('main').evaluate((part) => part.contains(document.activeElement)), ARRIVES)
      .toBe(true)

  it('are links with addresses, also to a note, which a browser opens in another tab', async () => {
    await open('')
    await link(NOTE).waitFor()
    await tab.evaluate(() => Object.assign(globalThis, { loaded: 'once' }))
    const sections = tab.getByRole('navigation').getByRole('link')
    const addresses = sections.evaluateAll((all) => all.map((each) => each.getAttribute('href')))
    expect(await addresses).toEqual(['/app/', '/app/history', '/app/conflicts', '/app/playbook'])
    const address = await link(NOTE).getAttribute('href')
    expect(address).toMatch(/^\/app\/history\/obs_/)
    const [other] = await Promise.all([
      tab.context().waitForEvent('page'),
      link(NOTE).click({ modifiers: ['ControlOrMeta'] }),
    ])
    await other.getByRole('button', { name: 'Confirm' }).waitFor()
    expect(new URL(other.url()).pathname).toBe(address)
    await other.close()
    expect(pathname()).toBe('/app/')
    await link(NOTE).click()
    await tab.getByRole('button', { name: 'Confirm' }).waitFor()
    expect(pathname()).toBe(address)
    // In its own tab nothing is loaded again.
    expect(await tab.evaluate(() => Reflect.get(globalThis, 'loaded'))).toBe('once')
  })

  it('lead back to where the person came from, also after a reload', async () => {
    await open('')
    await phone(tab).section(/^Playbook/)
    await tab.getByLabel('Settings').click()
    await title('Settings')
    await tab.reload()
    await tab.getByRole('button', { name: 'Save connection' }).waitFor()
    await phone(tab).button('Back')
    await title('Playbook')
    // From a bookmark there is nothing to go back to but the place above.
    await open('history/none')
    await phone(tab).button('Back')
    await expect.poll(pathname, ARRIVES).toBe('/app/history')
  })

  it('can be gone with the keyboard: the focus follows to what is shown', async () => {
    await open('')
    await tab.getByRole('button', { name: 'New note' }).waitFor()
    expect(await tab.evaluate(() => document.activeElement === document.body)).toBe(true)
    await link(/^Notes/).focus()
    await tab.keyboard.press('Enter')
    await title('Notes')
    await focusIsInMain()
    await link(NOTE).focus()
    await tab.keyboard.press('Enter')
    await title('Note')
    // The note is read from the store: before, there is nothing in it to go to.
    await tab.getByRole('button', { name: 'Confirm' }).waitFor()
    await focusIsInMain()
    await tab.keyboard.press('Tab')
    expect(await tab.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('button')
    await focusIsInMain()
    // A form that starts in a field keeps the focus there.
    await open('')
    await tab.getByRole('button', { name: 'New note' }).focus()
    await tab.keyboard.press('Enter')
    await expect
      .poll(
        () => tab.getByLabel('Note', { exact: true }).evaluate((field) => field === document.activeElement),
        ARRIVES,
      )
      .toBe(true)
  })

  it('have a name each, in the title and for the region with the content, in the language of the person', async () => {
    await open('')
    for (const [section, name] of [
      [/^Notes/, 'Notes'],
      [/^Conflicts/, 'Conflicts'],
      [/^Playbook/, 'Playbook'],
      [/^Home/, 'Fieldsync'],
    ] as const) {
      await phone(tab).section(section)
      await title(name)
      await tab.getByRole('main', { name }).waitFor()
    }
    await open('settings')
    await speak(tab, 'es')
    await title('Ajustes')
    expect(await tab.locator('html').getAttribute('lang')).toBe('es')
    await speak(tab, 'en')
    await title('Settings')
  })

  it('begin in the language of the person before there are settings', async () => {
    await using others = await startBrowser()
    const first = await others.open('about:blank')
    await first.addInitScript(() =>
      Object.defineProperty(Navigator.prototype, 'languages', { value: ['es-AR', 'en'] }),
    )
    await first.goto(`${site.origin}/app/`)
    await first.getByRole('button', { name: 'Continuar' }).waitFor()
    expect(await first.locator('html').getAttribute('lang')).toBe('es')
    expect(await first.title()).toBe(await first.getByRole('heading', { level: 1 }).innerText())
    expect(await pageFindings(first)).toEqual([])
  })

  it('lead home from an address that there is not', async () => {
    await open('nowhere/at/all')
    await title('Page not found')
    expect(await pageFindings(tab)).toEqual([])
    // It belongs to no section.
    expect(await tab.locator('[aria-current]').count()).toBe(0)
    await phone(tab).button('Go to Home')
    await tab.getByRole('button', { name: 'New note' }).waitFor()
    expect(pathname()).toBe('/app/')
    expect(await tab.locator('[aria-current]').innerText()).toBe('Home')
    // Bookmarks of the page itself lead home too.
    await open('index.html')
    await tab.getByRole('button', { name: 'New note' }).waitFor()
  })
})
