import { pullPages } from '@fieldsync/testkit'
import { pageFindings, startBrowser } from '@fieldsync/testkit/browser'
import { expect, it, onTestFinished } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'
import { accept, invite } from './testing/people.ts'

const { farm, signIn } = await consoleWorld()
const MILDEW = 'Powdery mildew · Moderate'

async function browserOf() {
  const browser = await startBrowser()
  onTestFinished(() => browser[Symbol.asyncDispose]())
  return browser
}

it('[APP-73, APP-74, APP-84] a person edits the one rule that they were granted, phones get it, and the audit names them', async () => {
  const device = await signIn('admin', '/people', { refuses: true })
  const ana = await accept(
    await browserOf(),
    await invite(device, 'ana@farm.example', 'Administrator'),
    'Ana Ruiz',
  )
  await ana.goto(`${farm.origin}/people`)
  const link = await invite(ana, 'ben@farm.example', 'Agronomist')
  const ben = await accept(await browserOf(), link, 'Ben Ito')

  await ana.goto(`${farm.origin}/playbooks/pbk_yolo_grape/grants`)
  const [main, dialog] = [ana.getByRole('main'), ana.getByRole('dialog')]
  const whole = main.getByRole('region', { name: 'Whole playbook' })
  await whole.getByRole('button', { name: 'End the permission of Ben Ito' }).press('Enter')
  await dialog.getByRole('button', { name: 'End permission' }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
  const rule = main.getByRole('region', { name: MILDEW, exact: true })
  await rule.getByRole('button', { name: `Give permission: ${MILDEW}` }).press('Enter')
  await dialog.getByLabel('Who').selectOption({ label: 'Ben Ito' })
  await dialog.getByRole('button', { name: 'Give permission' }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await rule.getByText('Ben Ito', { exact: true }).waitFor()
  expect(await pageFindings(ana)).toEqual([])

  await ben.goto(`${farm.origin}/playbooks/pbk_yolo_grape`)
  await ben.getByRole('button', { name: 'Edit' }).press('Enter')
  const mildew = ben.getByRole('group', { name: MILDEW })
  const heat = ben.getByRole('group', { name: /^Heat/ })
  await expect.poll(() => heat.getByLabel(/Max\. wind/).isEnabled()).toBe(false)
  await heat.getByText('You have no permission to change this value.').first().waitFor()
  await mildew.getByLabel(/Max\. wind/).fill('7')
  await ben.getByLabel('Reason').fill('Windy block')
  await ben.getByRole('button', { name: 'Apply' }).press('Enter')
  await ben.getByText('Windy block').waitFor()
  await ben
    .getByText(/· Ben Ito/)
    .first()
    .waitFor()

  const pages = await pullPages(farm.callers.scout)
  expect(JSON.stringify(pages)).toContain('"version":5')

  await ana.goto(`${farm.origin}/audit`)
  const entry = ana.getByRole('row').filter({ hasText: 'Playbook edited' }).first()
  await entry.getByText('Ben Ito').waitFor()
  expect(await pageFindings(ana)).toEqual([])
  await entry.getByRole('link').first().press('Enter')
  await main.getByText('Windy block').waitFor()
  await main.getByText('Ben Ito').first().waitFor()
  expect(await pageFindings(ana)).toEqual([])
})
