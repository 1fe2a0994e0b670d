import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { PlaybookId } from '@fieldsync/contracts'
import { pageFindings } from '@fieldsync/testkit/browser'
import { expect, it } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'

const { farm, signIn } = await consoleWorld()

it('[APP-62] a playbook’s value is read and typed in the units that are chosen, and stored in the contract’s', async () => {
  const tab = await signIn('agronomist', '/playbooks/pbk_yolo_grape')
  await tab.getByLabel('Units').selectOption('us')
  await tab.getByRole('button', { name: 'Edit values' }).click()
  const field = tab.getByLabel('Max. temperature')
  await tab.getByText('-22 to 158 °F').waitFor()
  await field.fill('92')
  await tab.locator('mark', { hasText: '92 °F' }).waitFor()
  await tab.getByLabel('Units').selectOption('metric')
  expect(await field.inputValue()).toBe('33.3')
  await tab.locator('mark', { hasText: '33.3 °C' }).waitFor()
  await tab.getByLabel('Units').selectOption('us')
  expect(await field.inputValue()).toBe('92')
  await tab.getByLabel('Reason').fill('In our units')
  await tab.getByRole('button', { name: 'Apply changes' }).click()
  await tab.getByRole('button', { name: 'Edit values' }).waitFor()
  await tab.getByText('92 °F').first().waitFor()
  // For a person of other units the field has no more digits than anybody typed.
  await tab.getByLabel('Units').selectOption('metric')
  await tab.getByRole('button', { name: 'Edit values' }).click()
  await expect.poll(() => field.inputValue()).toBe('33.3')
  await tab.getByLabel('Units').selectOption('us')
  const { api } = createFieldsyncClient({
    url: farm.origin,
    credentials: deviceToken(farm.callers.scout.token),
  })
  const got = await api.playbooks.get.query({ playbookId: PlaybookId.parse('pbk_yolo_grape') })
  expect(JSON.stringify(got)).toContain('"maxTemperatureC":33.333333')
  await tab.close()
})

it('[APP-63] a page names the zone of its times once, and each time has its whole date', async () => {
  const tab = await signIn('viewer', '/syncs')
  const at = tab.locator('tbody time').first()
  await at.waitFor()
  expect(await tab.getByText(/^Times in America\/Los_Angeles \(P[DS]T\)$/).count()).toBe(1)
  const [instant, whole] = [await at.getAttribute('datetime'), await at.getAttribute('title')]
  expect(Date.parse(instant ?? '')).toBeGreaterThan(0)
  expect(whole).toMatch(/^\w+day, \w+ \d+, \d{4} at .* P[DS]T$/)
  await tab.getByLabel('Language').selectOption('es')
  await tab.getByText(/^Horas en America\/Los_Angeles/).waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByLabel('Idioma').selectOption('en')
  await tab.close()
})

it('[APP-49] an error is described in Spanish by its code; the server’s sentence is in the details', async () => {
  const tab = await signIn('viewer', '/devices', { refuses: true })
  await tab.getByLabel('Language').selectOption('es')
  const error = {
    code: 'QUOTA_EXCEEDED',
    message: 'A sentence in English.',
    retryable: false,
    traceId: '0',
    details: {},
  }
  const envelope = { requestId: 'req_1', timestamp: '2026-02-11T18:00:00.000Z', error }
  const json = { error: { code: -32_603, message: 'A sentence in English.', data: { envelope } } }
  await tab.route('**/trpc/syncs.list*', (route) => route.fulfill({ status: 400, json }))
  await tab.goto(`${farm.origin}/syncs`)
  await tab.getByText('El servidor lo rechazó (QUOTA_EXCEEDED).').waitFor()
  expect(await tab.getByText('A sentence in English').isVisible()).toBe(false)
  await tab.getByText('Detalles').click()
  await tab.getByText('A sentence in English').waitFor()
  // They stay open while the list is requested again, as each change in the workspace does.
  const again = tab.waitForResponse('**/trpc/syncs.list*')
  await tab.getByRole('button', { name: 'Intentar de nuevo' }).click()
  await again
  await tab.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
  expect(await tab.getByText('A sentence in English').isVisible()).toBe(true)
  await tab.unroute('**/trpc/syncs.list*')
  expect(await pageFindings(tab)).toEqual([])
  // All tabs of this browser share what was chosen.
  await tab.getByLabel('Idioma').selectOption('en')
  await tab.close()
})
