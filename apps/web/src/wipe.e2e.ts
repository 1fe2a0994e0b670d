import { callOperation, device, postBatch, syncBatch } from '@fieldsync/testkit'
import { pageFindings } from '@fieldsync/testkit/browser'
import { expect, it } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'

const { farm, signIn } = await consoleWorld()

it('[APP-72, OPS-47, OPS-49, WIP-3, WIP-6] a device is wiped once its unsent records were shown, and the wipe is canceled or confirmed', async () => {
  const tab = await signIn('admin', '/devices')
  const [main, dialog] = [tab.getByRole('main'), tab.getByRole('dialog')]
  const { url, token: admins } = farm.callers.admin
  const deviceId = 'dev_lost'
  const created = await callOperation({
    url,
    token: admins,
    operation: 'devices.create',
    input: { deviceId, role: 'scout' },
    key: 'lost',
  })
  const { token: first = '' } = JSON.parse(created.text) as { token?: string }
  const report = { pending: 3, conflicts: 1, quarantined: 0 }
  const batch = { ...syncBatch({ device: device({ deviceId }) }), report }
  expect((await postBatch({ url, deviceId, token: first }, batch)).status).toBe(200)
  await tab.goto(`${farm.origin}/devices/dev_lost`)
  await main.getByRole('button', { name: 'Wipe device…' }).press('Enter')
  await dialog.getByText(/^4 unsent records will be lost/).waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await dialog.getByRole('button', { name: 'Cancel' }).press('Enter')
  await main.getByRole('button', { name: 'Wipe device…' }).click()
  await dialog.getByRole('button', { name: 'Wipe device' }).press('Enter')
  await main.getByText('Wipe pending').waitFor()
  await main.getByText('Wipe confirmed').waitFor()
  expect(await main.getByRole('button', { name: 'Wipe device…' }).count()).toBe(0)
  expect(await pageFindings(tab)).toEqual([])
  await tab.goto(`${farm.origin}/devices?wipe=pending`)
  await main.getByRole('link', { name: 'dev_lost', exact: true }).waitFor()
  expect(await main.getByRole('row').count()).toBe(2)

  await tab.goto(`${farm.origin}/devices/dev_lost`)
  await main.getByRole('button', { name: 'Readmit' }).click()
  await dialog.getByText(/^This cancels the pending wipe/).waitFor()
  await dialog.getByRole('button', { name: 'Readmit device' }).click()
  const token = (await dialog.getByTestId('token').textContent())?.trim() ?? ''
  await dialog.getByRole('button', { name: 'Done' }).click()
  await dialog.getByRole('button', { name: 'Close without copying' }).click()
  await main.getByRole('button', { name: 'Wipe device…' }).click()
  await dialog.getByRole('button', { name: 'Wipe device' }).click()
  await main.getByText('Wipe pending').waitFor()
  const input = { deviceId, unsentDeleted: 4 }
  const answer = await callOperation({
    url,
    token,
    operation: 'devices.acknowledgeWipe',
    input,
    key: 'wiped',
  })
  expect(answer.status).toBe(200)
  await tab.reload()
  await main.getByText('Wiped', { exact: true }).waitFor()
  await main.getByText('Unsent records deleted').waitFor()
  await tab.close()
})
