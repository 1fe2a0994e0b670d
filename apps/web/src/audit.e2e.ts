import { readFile } from 'node:fs/promises'

import { callOperation } from '@fieldsync/testkit'
import { contrastFindings, pageFindings } from '@fieldsync/testkit/browser'
import pg from 'pg'
import { expect, it } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'

const { database, farm, signIn } = await consoleWorld()
const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'

it('[APP-90] the audit shows who did what, and finds who changed a rule', async () => {
  const tab = await signIn('agronomist', '/audit', { refuses: true })
  const main = tab.getByRole('main')
  await tab.locator('tbody').getByText('First sync of the day').first().waitFor()
  await tab.getByLabel('Place in a playbook').fill('/rules/rule_pm_moderate')
  await tab.getByRole('button', { name: 'Apply' }).click()
  await tab.waitForURL(/path=/)
  await expect
    .poll(() => tab.locator('tbody td[data-label=Who]').allTextContents())
    .toEqual(['dev_agronomist'])
  await tab.getByLabel('Place in a playbook').fill('no pointer')
  await tab.getByRole('button', { name: 'Apply' }).click()
  await main.getByText('Invalid value: Place in a playbook.').waitFor()
  await tab.close()
})

it('[APP-91][APP-92] an entry shows why a rule was changed, by which proof, and both values', async () => {
  const tab = await signIn('admin', `/audit?path=${encodeURIComponent(WIND)}`)
  const main = tab.getByRole('main')
  await tab.locator('tbody a').first().click()
  await main.getByText('A windy week').waitFor()
  await main.getByText('3 → 4').waitFor()
  await main.getByText('A token').waitFor()
  await main.getByText('These values match the hashes of the entry.').waitFor()
  expect(await main.locator('del').allTextContents()).toEqual(['7.5 mph'])
  expect(await pageFindings(tab)).toEqual([])
  await tab.emulateMedia({ colorScheme: 'dark' })
  await tab.locator('html[data-mantine-color-scheme=dark]').waitFor()
  expect(await contrastFindings(tab)).toEqual([])
  await tab.goto(`${farm.origin}/audit/999999-0`)
  await main.getByText('There is no entry 999999.0').waitFor()
  await tab.close()
})

it('[APP-93] what the filters show is downloaded', async () => {
  const tab = await signIn('admin', '/audit?action=sync.batch')
  const downloading = tab.waitForEvent('download')
  await tab.getByRole('button', { name: 'Download' }).click()
  const text = await readFile(await (await downloading).path(), 'utf8')
  const { text: listed } = await callOperation({
    url: farm.origin,
    token: farm.callers.admin.token,
    operation: 'audit.list',
    input: { action: 'sync.batch', limit: 500 },
  })
  const ids = (JSON.parse(listed) as { entryId: string }[]).map(({ entryId }) => entryId)
  const lines = text.trimEnd().split('\r\n')
  expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(ids)
  await tab.getByText(`${ids.length} entries downloaded.`).waitFor()
  await tab.close()
})

it('[APP-90] who may not read the audit does not find it', async () => {
  const tab = await signIn('scout', '/audit')
  await tab.getByText('Only agronomists and administrators can see the audit.').waitFor()
  await expect.poll(() => tab.getByRole('navigation').getByText('Audit').count()).toBe(0)
  expect(await pageFindings(tab)).toEqual([])
  await tab.close()
})

it('[APP-91] an entry about a permission says whose it is', async () => {
  const { url, token } = farm.callers.admin
  const input = { deviceId: 'dev_agronomist', path: WIND, actions: ['publish'] }
  const { status } = await callOperation({ url, token, operation: 'grants.create', input, key: 'audited' })
  expect(status).toBe(201)
  const tab = await signIn('admin', '/audit?action=grant.create')
  await expect
    .poll(() => tab.locator('tbody td[data-label=About]').allTextContents())
    .toEqual(['dev_agronomist'])
  await tab.locator('tbody a').first().click()
  await tab.getByText('Concerns').waitFor()
  await tab.close()
})

it('[APP-105] admins find refused attempts by kind and device, others no such page', async () => {
  const client = new pg.Client(database.superuserUrl)
  await client.connect()
  await client.query(`INSERT INTO security_events (workspace_id, minute, kind, reason, device_id, count, address, last_at)
    VALUES ('ws_ridge', now(), 'credential', 'revoked', 'dev_scout', 1200, '192.0.2.7', now()),
      ('ws_ridge', now(), 'enrollment', 'ENROLLMENT_INVALID', '', 2, '192.0.2.8', now()),
      ('ws_valley', now(), 'credential', 'invalid', 'dev_neighbor', 1, '192.0.2.9', now())`)
  await client.end()
  const tab = await signIn('admin', '/security')
  const rows = async () => await tab.locator('tbody tr').allTextContents()
  await tab.getByRole('row').filter({ hasText: 'Revoked' }).getByText('1,200').waitFor()
  await tab.getByRole('row').filter({ hasText: 'Invalid code or link' }).getByText('Nobody known').waitFor()
  expect((await rows()).join(' ')).not.toContain('192.0.2.9')
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByLabel('Attempt').selectOption({ label: 'Enrollment' })
  await tab.getByRole('button', { name: 'Apply' }).click()
  await tab.waitForURL(/kind=enrollment/)
  await expect.poll(async () => (await rows()).length).toBe(1)
  await tab.close()
  const other = await signIn('agronomist', '/security')
  await other.getByText('Only administrators can see refused attempts.').waitFor()
  await expect.poll(() => other.getByRole('navigation').getByText('Security log').count()).toBe(0)
  await other.close()
})
