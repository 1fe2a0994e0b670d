import { pageFindings, startBrowser } from '@fieldsync/testkit/browser'
import { expect, it, onTestFinished } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'
import { accept, invite, isIn, totp } from './testing/people.ts'

const { signIn } = await consoleWorld()

it('[PEO-21, PEO-22, WSP-8] whoever has no second factor where it is required is led to it, and then goes on', async () => {
  const admin = await signIn('admin', '/people', { refuses: true })
  const link = await invite(admin, 'ada@farm.example', 'Scout')
  const browser = await startBrowser()
  onTestFinished(() => browser[Symbol.asyncDispose]())
  const guessing = await browser.open(link)
  await guessing.getByLabel('Name', { exact: true }).fill('Ada Paz')
  await guessing.getByLabel('Password', { exact: true }).fill('ada@farm.example1')
  await guessing.getByRole('button', { name: 'Create account' }).press('Enter')
  await guessing.getByText('This password is easy to guess').waitFor()
  await guessing.close()
  const ada = await accept(browser, link, 'Ada Paz')

  await admin.getByRole('navigation').getByRole('link', { name: 'Settings', exact: true }).press('Enter')
  await admin.getByLabel('Require a second factor').press('Space')
  await admin.getByRole('main').getByRole('button', { name: 'Save' }).press('Enter')
  await admin.getByRole('main').getByText('dev_admin', { exact: true }).waitFor()
  expect(await pageFindings(admin)).toEqual([])
  await admin.close()

  await ada.reload()
  await ada.getByRole('heading', { name: 'A second factor is needed' }).waitFor()
  expect(await pageFindings(ada)).toEqual([])
  await ada.getByRole('button', { name: 'Set up' }).press('Enter')
  const dialog = ada.getByRole('dialog')
  await dialog.getByLabel('Password', { exact: true }).fill('rows of vines in the fog')
  await dialog.getByRole('button', { name: 'Continue' }).press('Enter')
  const secret = (await dialog.getByTestId('totp-secret').textContent()) ?? ''
  await dialog.getByLabel('Code', { exact: true }).fill(totp(secret))
  await dialog.getByRole('button', { name: 'Turn on' }).press('Enter')
  await dialog.getByRole('button', { name: 'Done' }).press('Enter')
  await dialog.getByRole('button', { name: 'Close without copying' }).press('Enter')
  await isIn(ada, 'Ada Paz')
})
