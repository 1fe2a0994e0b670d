import { randomUUID } from 'node:crypto'

import type { OperationName } from '@fieldsync/contracts'
import { callOperation } from '@fieldsync/testkit'
import { pageFindings } from '@fieldsync/testkit/browser'
import { expect, it } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'

const { farm, signIn } = await consoleWorld()
const PAGE = '/playbooks/pbk_yolo_grape/grants'
const MILDEW = 'Powdery mildew · Moderate'

const call = async (operation: OperationName, input: Record<string, unknown>, as: 'admin' | 'agronomist') => {
  const { token } = farm.callers[as]
  const { status, text } = await callOperation({
    url: farm.origin,
    token,
    operation,
    input,
    key: randomUUID(),
  })
  if (status >= 300) throw new Error(text)
  return JSON.parse(text) as unknown
}
const grantsOf = async (deviceId: string) =>
  (await call('grants.list', { deviceId, state: 'present' }, 'admin')) as {
    path: string
    actions: string[]
  }[]

it('[APP-73, APP-74] an admin ends what came with the role and gives one rule, and the agronomist’s form follows', async () => {
  const tab = await signIn('admin', '/playbooks/pbk_yolo_grape')
  const main = tab.getByRole('main')
  await main.getByRole('link', { name: 'Permissions' }).press('Enter')
  await tab.getByRole('heading', { name: 'Permissions in pbk_yolo_grape' }).waitFor()
  const whole = main.getByRole('region', { name: 'Whole playbook' })
  await whole.getByText('dev_agronomist', { exact: true }).waitFor()
  expect(await pageFindings(tab)).toEqual([])

  await whole.getByRole('button', { name: 'End the permission of dev_agronomist' }).press('Enter')
  const dialog = tab.getByRole('dialog')
  await dialog.getByText('This permission came with the role.').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await dialog.getByRole('button', { name: 'End permission' }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(() => grantsOf('dev_agronomist')).toEqual([])

  const rule = main.getByRole('region', { name: MILDEW, exact: true })
  await rule.getByRole('button', { name: `Give permission: ${MILDEW}` }).press('Enter')
  await dialog.getByRole('button', { name: 'Give permission' }).press('Enter')
  await dialog.getByText('Choose who gets the permission.').waitFor()
  await dialog.getByLabel('Who').selectOption('dev_agronomist')
  expect(await pageFindings(tab)).toEqual([])
  await dialog.getByRole('button', { name: 'Give permission' }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await rule.getByText('dev_agronomist', { exact: true }).waitFor()
  expect(await grantsOf('dev_agronomist')).toMatchObject([
    { path: '/rules/rule_pm_moderate', actions: ['edit'] },
  ])
  await tab.close()

  const other = await signIn('agronomist', PAGE)
  await other.getByText('What you may change in this playbook').waitFor()
  await other.getByRole('region', { name: MILDEW, exact: true }).waitFor()
  await expect.poll(() => other.getByText('dev_admin', { exact: true }).count()).toBe(0)
  await expect.poll(() => other.getByRole('button', { name: 'Give permission' }).count()).toBe(0)
  await other.goto(`${farm.origin}/playbooks/pbk_yolo_grape`)
  await other.getByRole('button', { name: 'Edit' }).press('Enter')
  const mildew = other.getByRole('group', { name: MILDEW })
  const heat = other.getByRole('group', { name: /^Heat/ })
  await expect.poll(() => mildew.getByLabel(/Max\. wind/).isEnabled()).toBe(true)
  await expect.poll(() => heat.getByLabel(/Max\. wind/).isEnabled()).toBe(false)
  await heat.getByText('You have no permission to change this value.').first().waitFor()
  expect(await pageFindings(other)).toEqual([])
  await mildew.getByLabel(/Max\. wind/).fill('7')
  await other.getByLabel('Reason').fill('Windy block')
  await other.getByRole('button', { name: 'Apply' }).press('Enter')
  await other.getByText('Windy block').waitFor()
  await other.close()
})

it('[APP-73] what an admin does not hold is disabled with the reason, and nothing is lost on a phone', async () => {
  const own = (await call('grants.list', { deviceId: 'dev_admin', state: 'present' }, 'admin')) as {
    grantId: string
  }[]
  const tab = await signIn('admin', PAGE)
  await tab.setViewportSize({ width: 390, height: 844 })
  for (const { grantId } of own) await call('grants.revoke', { grantId }, 'admin')
  await tab.reload()
  const whole = tab.getByRole('region', { name: 'Whole playbook' })
  await whole.getByText('You can give only what you may do here yourself.').waitFor()
  await expect
    .poll(() => whole.getByRole('button', { name: 'Give permission: Whole playbook' }).isDisabled())
    .toBe(true)
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByLabel('Language').selectOption('es')
  await whole.page().getByText('Solo puede dar lo que usted mismo puede hacer aquí.').first().waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.close()
})
