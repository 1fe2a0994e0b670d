import { DeviceId } from '@fieldsync/contracts'
import { callOperation, device, observation, postBatch, syncBatch } from '@fieldsync/testkit'
import { pageFindings } from '@fieldsync/testkit/browser'
import { expect, it } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'
import { signInOn } from './testing/farm.ts'

const { farm, browser, signIn } = await consoleWorld()

it('a token that is revoked while somebody works with it leads back to the way in', async () => {
  const { url, token: admins } = farm.callers.admin
  const deviceId = DeviceId.parse('dev_visitor')
  const asAdmin = (operation: 'devices.create' | 'devices.revoke', input: Record<string, unknown>) =>
    callOperation({ url, token: admins, operation, input, key: operation })
  const { text } = await asAdmin('devices.create', { deviceId, role: 'viewer' })
  const { token } = JSON.parse(text) as { token: string }
  const tab = await browser.open('about:blank')
  // Without the server's pokes, which would make the page refetch.
  await tab.route('**/sync.live**', (route) => route.abort())
  await tab.goto(`${farm.origin}/devices`)
  await signInOn(tab, token)
  await tab.getByRole('row').filter({ hasText: 'dev_visitor' }).waitFor()
  await asAdmin('devices.revoke', { deviceId })
  await tab.getByRole('link', { name: 'Syncs', exact: true }).click()
  await tab.getByText('This token is no longer valid').waitFor()
  await signInOn(tab, farm.callers.viewer.token)
  await tab.getByRole('heading', { name: 'Syncs' }).waitFor()
  await tab.close()
})

it('[APP-46] signing out in one tab signs out the others, also one that was away', async () => {
  const tab = await signIn('viewer', '/devices')
  const other = await signIn('viewer', '/syncs')
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await other.getByRole('button', { name: 'Sign in' }).waitFor()
  await signInOn(tab, farm.callers.viewer.token)
  const stored = await tab.evaluate(() => ({ ...sessionStorage }))
  await signInOn(other, farm.callers.viewer.token)
  await other.getByRole('button', { name: 'Sign out' }).click()
  await tab.getByRole('button', { name: 'Sign in' }).waitFor()
  // As a tab that the browser brings back with what it had.
  await tab.evaluate(
    (all) => Object.entries(all).forEach(([key, value]) => sessionStorage.setItem(key, value)),
    stored,
  )
  await tab.reload()
  await tab.getByRole('button', { name: 'Sign in' }).waitFor()
  await tab.close()
  await other.close()
})

it('[APP-46, APP-48] what was typed when another tab signs out is there at the next sign-in, in its own workspace', async () => {
  const tab = await signIn('agronomist', '/playbooks/pbk_yolo_grape', { refuses: true })
  const other = await signIn('agronomist', '/syncs')
  await tab.getByRole('button', { name: 'Edit values' }).click()
  await tab.getByLabel('Reason').fill('Half a reason')
  await expect.poll(() => tab.evaluate(() => JSON.stringify(localStorage))).toContain('Half a reason')
  await other.getByRole('button', { name: 'Sign out' }).click()
  await other.close()
  await tab.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(await tab.getByText('A windy week').count()).toBe(0)
  await signInOn(tab, farm.neighbor.token)
  await tab.getByRole('button', { name: 'Edit values' }).click()
  expect(await tab.getByLabel('Reason').inputValue()).toBe('')
  expect(await tab.getByText('A windy week').count()).toBe(0)
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await signInOn(tab, farm.callers.agronomist.token)
  await tab.getByText('Your unsaved changes have been restored').waitFor()
  expect(await tab.getByLabel('Reason').inputValue()).toBe('Half a reason')
  await tab.getByRole('button', { name: 'Discard changes' }).click()
  await tab.close()
})

it('[ACC-4, APP-48] a form that is open when the role changes says so, stays as it is, and goes on when it may', async () => {
  const tab = await signIn('agronomist', '/playbooks/pbk_yolo_grape', { refuses: true })
  await tab.getByRole('button', { name: 'Edit values' }).click()
  await tab.getByLabel('Max. temperature').fill('32')
  await tab.getByLabel('Reason').fill('Before the role changed')
  const somethingChanges = async (rawNoteText: string) => {
    const { deviceId } = farm.callers.scout
    const observations = [observation({ deviceId, rawNoteText })]
    const batch = syncBatch({ device: device({ deviceId }), observations })
    expect((await postBatch(farm.callers.scout, batch)).status).toBe(200)
  }
  await tab.route('**/trpc/session.get**', async (route) => {
    const response = await route.fetch()
    const said = (await response.text())
      .replace('"agronomist"', '"viewer"')
      .replace(/"rights":\[[^\]]*\]/, '"rights":["read","sync"]')
    await route.fulfill({ response, body: said })
  })
  await somethingChanges('Seen when the role changed')
  const notice = tab.getByText('This device’s role no longer allows this')
  await notice.waitFor()
  const apply = tab.getByRole('button', { name: 'Apply changes' })
  expect(await apply.isDisabled()).toBe(true)
  expect(await tab.getByLabel('Max. temperature').inputValue()).toBe('32')
  expect(await pageFindings(tab)).toEqual([])
  await tab.unroute('**/trpc/session.get**')
  await somethingChanges('Seen when it was as before')
  await notice.waitFor({ state: 'detached' })
  expect(await apply.isDisabled()).toBe(false)
  expect(await tab.getByLabel('Reason').inputValue()).toBe('Before the role changed')
  await tab.getByRole('button', { name: 'Discard changes' }).click()
  await tab.close()
})
