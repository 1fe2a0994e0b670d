import { contrastFindings, pageFindings, pageTroubles, type Tab } from '@fieldsync/testkit/browser'
import { beforeAll, describe, expect, it } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'

const { farm, browser, worked, signIn } = await consoleWorld()

/** What has the focus, as a person with a screen reader would hear it. */
const focused = (tab: Tab): Promise<string> =>
  tab.evaluate(() => {
    const element = document.activeElement as HTMLInputElement | null
    return `${element?.tagName} ${element?.labels?.[0]?.textContent ?? element?.textContent ?? ''}`
  })

/** @param what the element, and its label or text */
const expectFocus = (tab: Tab, what: string) =>
  // As patient as the browser's own waits: a busy machine takes its time.
  expect.poll(() => focused(tab), { timeout: 30_000 }).toBe(what)

it('the focus is where the next key belongs: in the link or code, then on the heading of each page', async () => {
  const tab = await browser.open(farm.origin)
  await tab.getByRole('button', { name: 'Sign in' }).waitFor()
  await expectFocus(tab, 'INPUT Link or code')
  expect(await tab.title()).toBe('Sign in · Fieldsync')
  await tab.keyboard.press('Enter')
  await tab.getByText('This link or code is not complete.').waitFor()
  await expectFocus(tab, 'INPUT Link or code')
  await tab.keyboard.press('Tab')
  await expectFocus(tab, 'BUTTON Continue')
  await tab.keyboard.press('Tab')
  await expectFocus(tab, 'INPUT Token')
  await tab.keyboard.press('Enter')
  await tab.getByText('Paste a token.', { exact: true }).waitFor()
  await tab.keyboard.type('no-token-of-anybody')
  await tab.keyboard.press('Enter')
  await tab.getByText('Unknown or revoked token').waitFor()
  await expectFocus(tab, 'INPUT Token')
  await tab.keyboard.press('Control+A')
  await tab.keyboard.type(farm.callers.admin.token)
  await tab.keyboard.press('Enter')
  await expectFocus(tab, 'H1 Overview')
  expect(await tab.title()).toBe('Overview · Fieldsync')
  await tab.getByRole('link', { name: 'Devices', exact: true }).press('Enter')
  await expectFocus(tab, 'H1 Devices')
  expect(await tab.title()).toBe('Devices · Fieldsync')
  await tab.getByRole('link', { name: 'dev_scout', exact: true }).press('Enter')
  await expectFocus(tab, 'H1 dev_scout')
  await tab.goBack()
  await expectFocus(tab, 'H1 Devices')
  // A filter leaves it in the form: the page is the same one.
  await tab.getByLabel('Status').selectOption('active')
  await tab.getByRole('button', { name: 'Apply' }).press('Enter')
  await tab.waitForURL(/state=active/)
  await expectFocus(tab, 'BUTTON Apply')
  await tab.getByRole('button', { name: 'Sign out' }).press('Enter')
  await expectFocus(tab, 'INPUT Link or code')
  expect(await tab.title()).toBe('Sign in · Fieldsync')
  await tab.close()
})

it('a dialog returns the focus to what opened it, and to the heading where that is gone', async () => {
  const tab = await signIn('admin', '/devices')
  await tab.getByRole('button', { name: 'Create device' }).press('Enter')
  await expectFocus(tab, 'INPUT Device name')
  await tab.keyboard.press('Escape')
  await expectFocus(tab, 'BUTTON Create device')
  await tab.getByRole('link', { name: 'dev_viewer', exact: true }).press('Enter')
  await tab.getByRole('button', { name: 'Revoke' }).press('Enter')
  await expectFocus(tab, 'BUTTON Cancel')
  await tab.getByRole('button', { name: 'Revoke device' }).press('Enter')
  await tab.getByText('Revoked', { exact: true }).first().waitFor()
  await expectFocus(tab, 'H1 dev_viewer')
  await tab.close()
})

it('a form that is not accepted puts the focus into its first invalid field', async () => {
  const tab = await signIn('admin', '/devices', { refuses: true })
  await tab.getByRole('button', { name: 'Create device' }).press('Enter')
  const dialog = tab.getByRole('dialog')
  await tab.getByLabel('Device name').fill('Anna')
  await dialog.getByRole('button', { name: 'Create device' }).press('Enter')
  await expectFocus(tab, 'INPUT Device name')
  await tab.getByLabel('Device name').fill('dev_scout')
  await dialog.getByRole('button', { name: 'Create device' }).press('Enter')
  await tab.getByText('This ID already exists').waitFor()
  await expectFocus(tab, 'INPUT Device name')
  await tab.getByLabel('Device name').fill('dev_anna')
  await dialog.getByRole('button', { name: 'Create device' }).press('Enter')
  await expectFocus(tab, 'BUTTON Copy')
  await tab.goto(`${farm.origin}/observations`)
  await tab.getByLabel('Changed from').press('1')
  await tab.getByRole('button', { name: 'Apply' }).press('Enter')
  await expectFocus(tab, 'INPUT Changed from (Pacific Time)')
  await tab.goto(`${farm.origin}/playbooks/pbk_yolo_grape`)
  await tab.getByRole('button', { name: 'Edit values' }).press('Enter')
  await expectFocus(tab, 'H2 Edit version 4')
  await tab.getByLabel('Max. temperature').fill('hot')
  await tab.getByRole('button', { name: 'Apply changes' }).press('Enter')
  await expectFocus(tab, 'INPUT Max. temperature')
  await tab.getByLabel('Max. temperature').fill('34')
  await tab.getByRole('button', { name: 'Apply changes' }).press('Enter')
  await expectFocus(tab, 'TEXTAREA Reason')
  await tab.getByRole('button', { name: 'Discard changes' }).press('Enter')
  await expectFocus(tab, 'BUTTON Edit values')
  await tab.close()
})

it('the way in can be used by everybody, refuses a wrong token, and speaks Spanish', async () => {
  const tab = await browser.open(farm.origin)
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByLabel('Token', { exact: true }).fill('no-token-of-anybody')
  await tab.getByRole('button', { name: 'Sign in' }).click()
  await tab.getByText('Unknown or revoked token').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByLabel('Language').selectOption('es')
  await tab.getByRole('button', { name: 'Iniciar sesión' }).waitFor()
  expect(await tab.locator('html').getAttribute('lang')).toBe('es')
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByLabel('Idioma').selectOption('en')
  await tab.close()
})

/** Parts of the page that are too narrow for what is in them. */
const cutCards = (tab: Tab): Promise<string[]> =>
  tab.evaluate(() =>
    [...document.querySelectorAll('html, .card')]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(({ className, textContent }) => `${className}: ${textContent.slice(0, 40)}`),
  )

describe('every page can be used by everybody, in both themes, and says nothing on the console:', () => {
  const troubles: string[] = []
  let tab: Tab
  beforeAll(async () => {
    tab = await signIn('admin', '/')
    pageTroubles(tab, troubles)
  })

  it.each([
    '/',
    '/devices',
    '/devices/dev_scout',
    '/syncs',
    '/syncs/dev_scout/{conflictSyncId}',
    '/playbooks',
    '/playbooks/pbk_yolo_grape?older=3&newer=4',
    '/playbooks/pbk_yolo_grape/grants',
    '/proposals',
    '/observations',
    '/observations/{observationId}',
    '/recommendations',
    '/audit',
    '/audit/2-0',
    '/people',
    '/account',
    '/services',
    '/security',
    '/settings',
    '/nowhere',
  ])('%s', async (pattern) => {
    const address = pattern
      .replace('{conflictSyncId}', worked.conflictSyncId)
      .replace('{observationId}', worked.observationId)
    await tab.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    await tab.goto(`${farm.origin}${address}`)
    await tab.locator('.page h1').waitFor()
    await tab.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
    expect(await pageFindings(tab)).toEqual([])
    await tab.emulateMedia({ colorScheme: 'dark' })
    await tab.locator('html[data-mantine-color-scheme=dark]').waitFor()
    expect(await contrastFindings(tab)).toEqual([])
    for (const width of [320, 900, 1280]) {
      await tab.setViewportSize({ width, height: 900 })
      expect(await cutCards(tab), `at ${width} px`).toEqual([])
    }
    expect(troubles).toEqual([])
  })
})
