import { randomUUID } from 'node:crypto'

import type { OperationName } from '@fieldsync/contracts'
import { callOperation, DeviceKey } from '@fieldsync/testkit'
import { pageFindings } from '@fieldsync/testkit/browser'
import { expect, it, onTestFinished } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'

const { farm, signIn } = await consoleWorld()
const { admin } = farm.callers

/** Another admin of the farm, without a browser. */
const call = async (operation: OperationName, input: Record<string, unknown>, token = admin.token) => {
  const { status, text } = await callOperation({
    url: farm.origin,
    token,
    operation,
    input,
    key: randomUUID(),
  })
  if (status >= 300) throw new Error(text)
  return JSON.parse(text) as Record<string, unknown>
}
await call('devices.create', { deviceId: 'dev_boss', role: 'admin' })
const set = async (settings: object) => {
  const { version } = await call('workspace.settings', {})
  await call('workspace.changeSettings', { baseVersion: version, ...settings })
}

it('[WSP-6] only admins find the settings', async () => {
  const tab = await signIn('agronomist', '/settings')
  await tab.getByText('Only administrators can see and change').waitFor()
  expect(await tab.getByRole('navigation').getByText('Settings').count()).toBe(0)
  expect(await pageFindings(tab)).toEqual([])
  await tab.close()
})

it('[WSP-5] admins are shown how many of them call with a token, and which devices do', async () => {
  const tab = await signIn('admin', '/')
  await tab.getByText('2 administrators’ devices use a token.').waitFor()
  await tab.getByRole('link', { name: 'Settings', exact: true }).press('Enter')
  await tab.getByText('2 administrators’ devices use a token.').waitFor()
  await tab.getByText('5 devices still use a token').press('Enter')
  await tab.waitForURL(/\/devices\?credential=preShared/)
  expect(await tab.getByLabel('Signs in with').inputValue()).toBe('preShared')
  await tab.getByRole('row').filter({ hasText: 'dev_boss' }).getByText('Token').waitFor()
  await tab.close()
})

it('[WSP-6, ENR-6] new keys wait for an admin, who compares and confirms them, by the keyboard', async () => {
  const tab = await signIn('admin', '/settings')
  const main = tab.getByRole('main')
  await main.getByLabel('Confirm new keys').press('Space')
  await main.getByRole('button', { name: 'Save' }).press('Enter')
  await main.getByText('dev_admin', { exact: true }).waitFor()
  expect(await call('workspace.settings', {})).toMatchObject({ version: 1, confirmKeys: true })
  onTestFinished(() => set({ confirmKeys: false }))

  const { code } = await call('devices.openEnrollment', { deviceId: 'dev_new' })
  const key = await DeviceKey.generate()
  expect((await key.enroll(farm.origin, String(code))).status).toBe(200)
  await tab.goto(`${farm.origin}/devices?credential=unconfirmed`)
  await main.getByRole('table').getByText('Key to be confirmed').waitFor()
  await main.getByRole('link', { name: 'dev_new', exact: true }).press('Enter')
  await main.getByText(key.thumbprint).waitFor()
  await main.getByRole('button', { name: 'Confirm key' }).press('Enter')
  const dialog = tab.getByRole('dialog')
  await dialog.getByText(key.thumbprint).waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await dialog.getByRole('button', { name: 'Confirm key' }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
  expect(await main.getByText('Key to be confirmed').count()).toBe(0)
  const clientId = 'ws_ridge/dev_new'
  expect((await key.token(farm.origin, clientId, { at: new Date() })).status).toBe(200)
  await tab.close()
})

it('[WSP-7] where weather comes from is chosen, by the keyboard', async () => {
  const tab = await signIn('admin', '/settings')
  const main = tab.getByRole('main')
  const weather = main.getByRole('radiogroup', { name: 'Weather for recommendations' })
  await weather.getByRole('radio', { name: 'Live', exact: true, checked: true }).press('ArrowDown')
  await weather.getByRole('radio', { name: 'Demo', exact: true, checked: true }).waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await main.getByRole('button', { name: 'Save' }).press('Enter')
  await expect.poll(() => call('workspace.settings', {})).toMatchObject({ weather: 'demo' })
  await set({ weather: 'live' })
  await tab.close()
})

it('[WSP-6] what another admin has changed meanwhile is shown first, and what was chosen stays', async () => {
  const tab = await signIn('admin', '/settings', { refuses: true })
  const main = tab.getByRole('main')
  await main.getByLabel('Confirm new keys').check()
  // The page is poked, and would know before it saves.
  const saved = Promise.withResolvers<void>()
  await tab.route(/workspace\.settings/, async (route) => {
    await saved.promise
    await route.continue()
  })
  await set({ confirmKeys: true })
  await set({ confirmKeys: false })
  onTestFinished(() => set({ confirmKeys: false }))
  await main.getByRole('button', { name: 'Save' }).click()
  saved.resolve()
  const note = main.getByRole('alert')
  await note.getByText('The settings were changed meanwhile, by dev_admin').waitFor()
  await note.getByText('Confirm new keys: No').waitFor()
  await note.getByText('Device tokens: Allowed').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  expect(await main.getByLabel('Confirm new keys').isChecked()).toBe(true)
  expect(await main.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
  await note.getByRole('button', { name: 'Keep my changes' }).click()
  await main.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => call('workspace.settings', {})).toMatchObject({ confirmKeys: true })
  await note.waitFor({ state: 'detached' })
  await set({ confirmKeys: false })
  await main.getByLabel('Confirm new keys').uncheck()
  await main.getByRole('button', { name: 'Save' }).click()
  await note.getByRole('button', { name: 'Discard my changes' }).click()
  await note.waitFor({ state: 'detached' })
  expect(await main.getByLabel('Confirm new keys').isChecked()).toBe(false)
  await tab.close()
})

it('[WSP-4, WSP-6, ACC-25] tokens are refused after a look at whom that shuts out, and not before an admin has a key', async () => {
  const tab = await signIn('admin', '/settings', { refuses: true })
  const main = tab.getByRole('main')
  const dialog = tab.getByRole('dialog')
  await main.getByLabel('Allowed until').check()
  await main.getByRole('button', { name: 'Save' }).click()
  await main.getByText('Enter a whole date and time in the future.').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await main.getByLabel('Tokens work until').fill('2099-03-01T06:30')
  await main.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('5 devices with a token will be shut out then').waitFor()
  await dialog.getByRole('button', { name: 'Set the limit' }).click()
  await dialog.getByText('No administrator’s device has used a key yet').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await dialog.getByRole('button', { name: 'Cancel' }).click()

  const { code } = await call('devices.openEnrollment', { deviceId: 'dev_keyed', role: 'admin' })
  const key = await DeviceKey.generate()
  await key.enroll(farm.origin, String(code))
  const answer = await key.token(farm.origin, 'ws_ridge/dev_keyed', { at: new Date() })
  const { access_token: accessToken } = (await answer.json()) as { access_token: string }
  await main.getByRole('button', { name: 'Save' }).click()
  await dialog.getByRole('button', { name: 'Set the limit' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await call('workspace.settings', {})).toMatchObject({
    deviceTokens: { mode: 'until', until: '2099-03-01T14:30:00.000Z' },
  })

  await main.getByLabel('Refused').check()
  await main.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('5 devices with a token are shut out at once.').waitFor()
  await dialog.getByText('dev_scout (Scout)').waitFor()
  await dialog.getByText('You are signed in with a token yourself').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await dialog.getByRole('button', { name: 'Refuse tokens' }).click()
  await tab.getByText('This token is no longer valid').waitFor()
  await tab.getByLabel('Token', { exact: true }).fill(admin.token)
  await tab.getByRole('button', { name: 'Sign in' }).click()
  await tab.getByText('Your company no longer accepts device tokens.').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.close()

  const read = await key.send(`${farm.origin}/v1/workspace/settings`, { accessToken })
  const { version, preShared } = (await read.json()) as { version: number; preShared: object }
  expect(preShared).toEqual({ devices: 5, admins: 2 })
  const undone = await key.send(`${farm.origin}/v1/workspace/settings:change`, {
    accessToken,
    body: JSON.stringify({ baseVersion: version, deviceTokens: { mode: 'allowed' } }),
    headers: { 'idempotency-key': 'undo' },
  })
  expect(undone.status).toBe(200)
  expect(await call('session.get', {})).toMatchObject({ deviceId: 'dev_admin' })
})
