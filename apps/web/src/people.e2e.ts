import { pageFindings, startBrowser, type Tab } from '@fieldsync/testkit/browser'
import { expect, it, onTestFinished } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'
import { accept, invite, isIn, PASSWORD, signInAs, totp } from './testing/people.ts'

const { farm, signIn } = await consoleWorld()

/** A browser of its own for a person, until the test ends. */
async function browserOf() {
  const browser = await startBrowser()
  onTestFinished(() => browser[Symbol.asyncDispose]())
  return browser
}

/** An admin of the farm in a browser of her own. */
async function admin(email: string, name: string) {
  const device = await signIn('admin', '/people', { refuses: true })
  const link = await invite(device, email, 'Administrator')
  await device.close()
  const browser = await browserOf()
  return { browser, tab: await accept(browser, link, name) }
}

const rowOf = (tab: Tab, email: string) => tab.getByRole('row').filter({ hasText: email })

it('[APP-82] only admins find the people', async () => {
  const tab = await signIn('agronomist', '/people')
  await tab.getByText('Only administrators can see and invite people.').waitFor()
  await expect.poll(() => tab.getByRole('navigation').getByText('People').count()).toBe(0)
  expect(await pageFindings(tab)).toEqual([])
  await tab.close()
})

it('[APP-77, APP-82, APP-84] a person is invited, accepts in another browser, gets another role, and loses access', async () => {
  const { tab: ana } = await admin('ana@farm.example', 'Ana Ruiz')
  await ana.getByRole('navigation').getByRole('link', { name: 'People', exact: true }).press('Enter')
  await rowOf(ana, 'ana@farm.example').getByText('(you)').first().waitFor()
  expect(await pageFindings(ana)).toEqual([])

  const link = await invite(ana, 'ben@farm.example', 'Viewer')
  const browser = await browserOf()
  const ben = await browser.open(link)
  await ben.getByText('as Viewer').waitFor()
  // The code has left the address before anything was used.
  expect(ben.url()).toBe(`${farm.origin}/`)
  expect(await pageFindings(ben)).toEqual([])
  await ben.getByLabel('Name', { exact: true }).fill('Ben Ito')
  await ben.getByLabel('Password', { exact: true }).fill('too short')
  await ben.getByRole('button', { name: 'Create account' }).press('Enter')
  await ben.getByText('Use at least 12 characters.').waitFor()
  await ben.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await ben.getByRole('button', { name: 'Create account' }).press('Enter')
  await isIn(ben, 'Ben Ito')
  await expect.poll(() => ben.getByRole('navigation').getByText('People').count()).toBe(0)
  // Used up.
  const again = await (await browserOf()).open(link)
  await again.getByText('This link is no longer valid').waitFor()
  expect(await pageFindings(again)).toEqual([])

  await ana.reload()
  await ana.getByRole('link', { name: 'Ben Ito' }).press('Enter')
  await ana.getByRole('heading', { name: 'Ben Ito' }).waitFor()
  expect(await pageFindings(ana)).toEqual([])
  const dialog = ana.getByRole('dialog')
  await ana.getByRole('button', { name: 'Change role' }).press('Enter')
  await dialog.getByLabel('Role').selectOption({ label: 'Agronomist' })
  await dialog.getByRole('button', { name: 'Change role' }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await ben.goto(`${farm.origin}/playbooks/pbk_yolo_grape`)
  await ben.locator('.who', { hasText: 'Agronomist' }).waitFor()
  await ben.getByRole('button', { name: 'Edit values' }).click()
  await ben.getByLabel('Max. temperature').fill('33')
  await ben.getByLabel('Reason').fill('Before the role changed')

  await ana.getByRole('button', { name: 'Change role' }).press('Enter')
  await dialog.getByLabel('Role').selectOption({ label: 'Viewer' })
  await dialog.getByRole('button', { name: 'Change role' }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
  // His page learns of it by itself: his live stream ended with the role.
  await ben.getByText('Your role no longer allows this.').waitFor()
  await expect.poll(() => ben.getByLabel('Max. temperature').inputValue()).toBe('33')

  await ana.getByRole('button', { name: 'End access' }).press('Enter')
  await dialog.getByRole('button', { name: 'End access' }).press('Enter')
  await ana.getByText('Access ended').first().waitFor()
  await ben.getByRole('link', { name: 'Syncs', exact: true }).click()
  await ben.getByRole('heading', { name: 'No workspace' }).waitFor()
  expect(await pageFindings(ben)).toEqual([])
})

it('[APP-76, APP-83] a wrong password says no more than that, and signing out and in acts in every tab', async () => {
  const { browser, tab } = await admin('carla@farm.example', 'Carla Paz')
  const other = await browser.open(`${farm.origin}/devices`)
  await isIn(other, 'Carla Paz')
  await tab.getByRole('button', { name: 'Sign out' }).click()
  for (const each of [tab, other]) await each.getByLabel('Email', { exact: true }).waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await signInAs(tab, 'carla@farm.example', 'not the password at all')
  await tab.getByText('Email or password is wrong.').waitFor()
  await signInAs(tab, 'nobody@farm.example', 'not the password at all')
  await tab.getByText('Email or password is wrong.').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await signInAs(tab, 'carla@farm.example')
  for (const each of [tab, other]) await isIn(each, 'Carla Paz')
  // A device's way in is the second one.
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await tab.getByText('Sign in with a device token or link').click()
  await tab.getByLabel('Token', { exact: true }).fill(farm.callers.viewer.token)
  await tab.getByRole('button', { name: 'Sign in' }).last().click()
  await isIn(tab, 'dev_viewer')
})

it('[APP-80, APP-81] a second factor is set up with its recovery codes, used, and other sessions are ended', async () => {
  const { tab } = await admin('dora@farm.example', 'Dora Lee')
  const dialog = tab.getByRole('dialog')
  await tab.locator('.who', { hasText: 'Dora Lee' }).press('Enter')
  await tab.getByRole('heading', { name: 'Your account' }).waitFor()
  await tab.getByText('You are signed in nowhere else.').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByRole('button', { name: 'Set up' }).press('Enter')
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await dialog.getByRole('button', { name: 'Continue' }).press('Enter')
  const secret = (await dialog.getByTestId('totp-secret').textContent()) ?? ''
  expect(await pageFindings(tab)).toEqual([])
  await dialog.getByLabel('Code', { exact: true }).fill('000000')
  await dialog.getByRole('button', { name: 'Turn on' }).press('Enter')
  await dialog.getByText('Wrong or expired code.').waitFor()
  await dialog.getByLabel('Code', { exact: true }).fill(totp(secret))
  await dialog.getByRole('button', { name: 'Turn on' }).press('Enter')
  const codes = (await dialog.getByTestId('recovery-codes').textContent())?.split('\n') ?? []
  expect(codes.length).toBeGreaterThan(5)
  expect(await pageFindings(tab)).toEqual([])
  await tab.keyboard.press('Escape')
  await dialog.getByRole('button', { name: 'Done' }).press('Enter')
  await dialog.getByRole('button', { name: 'Close without copying' }).press('Enter')
  await tab.getByText('Signing in takes your password and a code').waitFor()

  const phone = await (await browserOf()).open(farm.origin)
  await signInAs(phone, 'dora@farm.example')
  await phone.getByRole('button', { name: 'Use a recovery code' }).click()
  expect(await pageFindings(phone)).toEqual([])
  await phone.getByLabel('Recovery code').fill(codes[0] ?? '')
  await phone.getByRole('button', { name: 'Sign in' }).click()
  await isIn(phone, 'Dora Lee')
  await tab.reload()
  await tab.getByRole('button', { name: 'End all others' }).click()
  await tab.getByText('You are signed in nowhere else.').waitFor()
  await phone.getByRole('link', { name: 'Syncs', exact: true }).click()
  await phone.getByText('Your session has ended.').waitFor()
  // A recovery code works once.
  await signInAs(phone, 'dora@farm.example')
  await phone.getByRole('button', { name: 'Use a recovery code' }).click()
  await phone.getByLabel('Recovery code').fill(codes[0] ?? '')
  await phone.getByRole('button', { name: 'Sign in' }).click()
  await phone.getByText('Unknown or used recovery code.').waitFor()
})
