import { testDatabase } from '@fieldsync/testkit'
import { startBrowser, type Tab, type TestBrowser } from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { type Farm, signInOn, startFarm, workADay } from './testing/farm.ts'

let farm: Farm
let browser: TestBrowser

beforeAll(async () => {
  farm = await startFarm((await testDatabase()).serverEnv)
  browser = await startBrowser()
  await workADay(farm.callers)
})

afterAll(async () => {
  await browser[Symbol.asyncDispose]()
  await farm[Symbol.asyncDispose]()
})

/** What has the focus, as a person with a screen reader would hear it. */
const focused = (tab: Tab): Promise<string> =>
  tab.evaluate(() => {
    const element = document.activeElement as HTMLInputElement | null
    return `${element?.tagName} ${element?.labels?.[0]?.textContent ?? element?.textContent ?? ''}`
  })

/** @param what the element, and its label or text */
const expectFocus = (tab: Tab, what: string) => expect.poll(() => focused(tab)).toBe(what)

async function signIn(address: string): Promise<Tab> {
  const tab = await browser.open(farm.origin + address)
  await signInOn(tab, farm.callers.admin.token)
  return tab
}

it('the focus is where the next key belongs: in the token, then on the heading of each page', async () => {
  const tab = await browser.open(farm.origin)
  await tab.getByRole('button', { name: 'Sign in' }).waitFor()
  await expectFocus(tab, 'INPUT Token')
  expect(await tab.title()).toBe('Sign in · Fieldsync')
  await tab.keyboard.type('no-token-of-anybody')
  await tab.keyboard.press('Enter')
  await tab.getByText('Unknown or revoked token').waitFor()
  await expectFocus(tab, 'INPUT Token')
  await tab.keyboard.press('Control+A')
  await tab.keyboard.type(farm.callers.admin.token)
  await tab.keyboard.press('Enter')
  await expectFocus(tab, 'H1 Overview')
  expect(await tab.title()).toBe('Overview · Fieldsync')
  await tab.getByRole('link', { name: 'Devices' }).press('Enter')
  await expectFocus(tab, 'H1 Devices')
  expect(await tab.title()).toBe('Devices · Fieldsync')
  await tab.getByRole('link', { name: 'dev_scout' }).press('Enter')
  await expectFocus(tab, 'H1 dev_scout')
  await tab.goBack()
  await expectFocus(tab, 'H1 Devices')
  // A filter leaves it in the form: the page is the same one.
  await tab.getByLabel('Status').selectOption('active')
  await tab.getByRole('button', { name: 'Apply' }).press('Enter')
  await tab.waitForURL(/state=active/)
  await expectFocus(tab, 'BUTTON Apply')
  await tab.getByRole('button', { name: 'Sign out' }).press('Enter')
  await expectFocus(tab, 'INPUT Token')
  expect(await tab.title()).toBe('Sign in · Fieldsync')
  await tab.close()
})

it('a dialog returns the focus to what opened it, and to the heading where that is gone', async () => {
  const tab = await signIn('/devices')
  await tab.getByRole('button', { name: 'Create device' }).press('Enter')
  await expectFocus(tab, 'INPUT Device name')
  await tab.keyboard.press('Escape')
  await expectFocus(tab, 'BUTTON Create device')
  await tab.getByRole('link', { name: 'dev_viewer' }).press('Enter')
  await tab.getByRole('button', { name: 'Revoke' }).press('Enter')
  await expectFocus(tab, 'BUTTON Cancel')
  await tab.getByRole('button', { name: 'Revoke device' }).press('Enter')
  await tab.getByText('Revoked', { exact: true }).first().waitFor()
  await expectFocus(tab, 'H1 dev_viewer')
  await tab.close()
})

it('a form that is not accepted puts the focus into its first invalid field', async () => {
  const tab = await signIn('/devices')
  await tab.getByRole('button', { name: 'Create device' }).press('Enter')
  const dialog = tab.getByRole('dialog')
  await tab.getByLabel('Device name').fill('Anna')
  await dialog.getByRole('button', { name: 'Create device' }).press('Enter')
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
