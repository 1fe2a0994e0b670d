import { readFile } from 'node:fs/promises'

import { callOperation } from '@fieldsync/testkit'
import { contrastFindings, pageFindings } from '@fieldsync/testkit/browser'
import { expect, it } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'

const { farm, signIn } = await consoleWorld()
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
