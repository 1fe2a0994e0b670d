import { createFieldsyncClient, deviceToken, type FieldsyncClient } from '@fieldsync/client'
import { DeviceId, PlaybookId, readEnrollmentLink } from '@fieldsync/contracts'
import { createMessages, preferredLanguage, toZoned, zoneNameOf } from '@fieldsync/messages'
import { MemoryDisk, openMemoryStore } from '@fieldsync/sync-engine/stores/memory'
import { callOperation, DeviceKey, observation, refusal } from '@fieldsync/testkit'
import { pageFindings, startBrowser } from '@fieldsync/testkit/browser'
import { expect, it } from 'vitest'

import { en } from './messages/en.ts'
import { es } from './messages/es.ts'
import { consoleWorld } from './testing/console-world.ts'
import { signInOn } from './testing/farm.ts'

const inLanguage = createMessages(en, es)
const { farm, browser, worked, signIn } = await consoleWorld()

/** A phone without a screen. */
async function phone(deviceId: string, token: string): Promise<FieldsyncClient> {
  return createFieldsyncClient({
    url: farm.origin,
    credentials: deviceToken(token),
    store: await openMemoryStore(new MemoryDisk()),
    device: { deviceId, platform: 'web', appVersion: '1.0.0', modelPackageVersion: '1.0.0' },
  })
}

it('why a batch had a conflict is found from the list, by its code', async () => {
  const tab = await signIn('viewer', '/syncs')
  await tab.getByLabel('Conflict type').selectOption('OBSERVATION_IMMUTABLE')
  await tab.getByRole('button', { name: 'Apply' }).click()
  await tab.waitForURL(/code=OBSERVATION_IMMUTABLE/)
  await tab.getByText('1 × Already confirmed').waitFor()
  await tab.locator('tbody a').first().click()
  await tab.getByText('a confirmed note can only be changed by a correction').waitFor()
  expect(await tab.getByText(worked.conflictSyncId).count()).toBe(1)
  await tab.close()
})

it('[APP-47] a device is created, its token is not lost by a slip, and its first sync appears by itself', async () => {
  const tab = await signIn('admin', '/devices')
  await tab.getByRole('button', { name: 'Create device' }).click()
  await tab.getByLabel('Device name').fill('dev_scout_9')
  await tab.getByLabel('With a token').check()
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByRole('dialog').getByRole('button', { name: 'Create device' }).click()
  const token = (await tab.getByTestId('token').textContent())?.trim() ?? ''
  expect(await pageFindings(tab)).toEqual([])
  // Neither Escape nor a click beside it takes the only copy away.
  await tab.keyboard.press('Escape')
  await tab.mouse.click(5, 5)
  await tab.getByRole('button', { name: 'Done' }).click()
  await tab.getByText('You have not copied the token').waitFor()
  expect(await tab.getByTestId('token').textContent()).toBe(token)
  await tab.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await tab.getByRole('button', { name: 'Copy', exact: true }).click()
  expect(await tab.evaluate(() => navigator.clipboard.readText())).toBe(token)
  await tab.getByRole('button', { name: 'Done' }).click()
  const row = tab.getByRole('row').filter({ hasText: 'dev_scout_9' })
  await row.getByText('Never synced').waitFor()
  const newest = await phone('dev_scout_9', token)
  const { deterministicChecksum: _own, updatedAt: _at, ...note } = observation({ deviceId: 'dev_scout_9' })
  expect(await newest.saveObservation(note as Parameters<typeof newest.saveObservation>[0])).toMatchObject({
    ok: true,
  })
  await newest.sync()
  await row.getByText('Active', { exact: true }).waitFor()
  await newest.stop()
  await tab.close()
})

it('[ENR-1, ENR-2] a device is set up by a link, and its page shows its key; revoked, it gets another link', async () => {
  const tab = await signIn('admin', '/devices')
  const dialog = tab.getByRole('dialog')
  await tab.getByRole('button', { name: 'Create device' }).click()
  await tab.getByLabel('Device name').fill('dev_scout_7')
  await dialog.getByRole('button', { name: 'Create device' }).click()
  const shownLink = async () => (await tab.getByTestId('link').textContent())?.trim() ?? ''
  const first = readEnrollmentLink(await shownLink())
  expect(first?.address).toBe(farm.origin)
  expect(await pageFindings(tab)).toEqual([])
  await dialog.getByRole('button', { name: 'Done' }).click()
  const key = await DeviceKey.generate()
  expect((await key.enroll(farm.origin, first?.code ?? '')).status).toBe(200)

  await tab.goto(`${farm.origin}/devices/dev_scout_7`)
  const main = tab.getByRole('main')
  await main.getByText(key.thumbprint).waitFor()
  await main.getByRole('button', { name: 'Revoke' }).click()
  await dialog.getByRole('button', { name: 'Revoke device' }).click()
  await main.getByText('The server rejects this device.').waitFor()
  await main.getByRole('button', { name: 'Set up by link' }).click()
  await dialog.getByLabel('Link valid for').selectOption('1 hour')
  expect(await pageFindings(tab)).toEqual([])
  await dialog.getByRole('button', { name: 'Create link' }).click()
  const next = await DeviceKey.generate()
  const again = readEnrollmentLink(await shownLink())
  expect((await next.enroll(farm.origin, again?.code ?? '')).status).toBe(200)
  await dialog.getByRole('button', { name: 'Done' }).click()
  await tab.reload()
  await main.getByText(next.thumbprint).waitFor()
  await main.getByRole('button', { name: 'Revoke' }).waitFor()
  await tab.close()
})

it('[OPS-34, OPS-35, OPS-36] a device gets another role, a new token, is revoked and readmitted on its page', async () => {
  const { url, token: admins } = farm.callers.admin
  const deviceId = DeviceId.parse('dev_scout_8')
  const input = { deviceId, role: 'scout' }
  await callOperation({ url, token: admins, operation: 'devices.create', input, key: 'scout-8' })
  const tab = await signIn('admin', `/devices/${deviceId}`)
  const main = tab.getByRole('main')
  const dialog = tab.getByRole('dialog')
  const act = async (opens: string, does: string) => {
    await main.getByRole('button', { name: opens, exact: true }).click()
    expect(await pageFindings(tab)).toEqual([])
    await dialog.getByRole('button', { name: does, exact: true }).click()
  }
  const closeToken = async (): Promise<string> => {
    const token = (await tab.getByTestId('token').textContent())?.trim() ?? ''
    await dialog.getByRole('button', { name: 'Done' }).click()
    await dialog.getByRole('button', { name: 'Close without copying' }).click()
    await dialog.waitFor({ state: 'detached' })
    return token
  }
  const answersTo = async (token: string) =>
    (await callOperation({ url, token, operation: 'session.get', input: {}, key: '' })).status

  await main.getByRole('button', { name: 'Change role' }).click()
  await dialog.getByLabel('Role').selectOption('agronomist')
  await dialog.getByRole('button', { name: 'Change role' }).click()
  await main.getByText('Agronomist', { exact: true }).waitFor()
  await dialog.waitFor({ state: 'detached' })

  await act('New token', 'Create token')
  const second = await closeToken()
  expect(await answersTo(second)).toBe(200)
  await act('Revoke', 'Revoke device')
  await main.getByText('The server rejects this device.').waitFor()
  await dialog.waitFor({ state: 'detached' })
  expect(await answersTo(second)).toBe(401)

  await act('Readmit', 'Readmit device')
  const third = await closeToken()
  expect(await answersTo(third)).toBe(200)
  expect(await answersTo(second)).toBe(401)
  await main.getByRole('button', { name: 'Revoke', exact: true }).waitFor()
  await tab.close()
})

it('a playbook’s value is changed, and another device gets it', async () => {
  const tab = await signIn('agronomist', '/playbooks/pbk_yolo_grape')
  await tab.getByLabel('Units').selectOption('metric')
  await tab.getByRole('button', { name: 'Edit values' }).click()
  await tab.getByLabel('Max. temperature').fill('33')
  await tab.getByLabel('Reason').fill('A hot week')
  await tab.locator('mark', { hasText: '33 °C' }).waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByRole('button', { name: 'Apply changes' }).click()
  // The form goes away when it is applied; before, its own words could be taken for those of the version.
  await tab.getByRole('button', { name: 'Edit values' }).waitFor()
  await tab.getByText('A hot week').waitFor()
  await tab.getByText('33 °C').first().waitFor()
  await tab.getByLabel('Units').selectOption('us')
  await tab.getByText('91.4 °F').first().waitFor()
  const scout = await phone('dev_scout', farm.callers.scout.token)
  await scout.sync()
  const got = await scout.record('playbook', PlaybookId.parse('pbk_yolo_grape'))
  expect(JSON.stringify(got)).toContain('"maxTemperatureC":33')
  await scout.stop()
  await tab.close()
})

it('a viewer sees nothing that its role may not do, and the server refuses it', async () => {
  const tab = await signIn('viewer', '/devices/dev_scout')
  await tab.getByText('Last report from the device').waitFor()
  expect(await tab.getByRole('button', { name: 'Revoke' }).count()).toBe(0)
  await tab.goto(`${farm.origin}/devices`)
  await tab.getByRole('row').filter({ hasText: 'dev_admin' }).waitFor()
  expect(await tab.getByRole('button', { name: 'Create device' }).count()).toBe(0)
  await tab.goto(`${farm.origin}/playbooks/pbk_yolo_grape`)
  await tab.getByText('A windy week').waitFor()
  expect(await tab.getByRole('button', { name: 'Edit values' }).count()).toBe(0)
  const { url, token } = farm.callers.viewer
  const input = { deviceId: DeviceId.parse('dev_scout') }
  const refused = await callOperation({ url, token, operation: 'devices.revoke', input, key: 'not-mine' })
  expect(refusal(refused).code).toBe('FORBIDDEN')
  await tab.close()
})

it('pages open without the server, and go on by themselves when it is back', async () => {
  const tab = await browser.open('about:blank')
  await tab.goto(`${farm.origin}/devices`)
  await signInOn(tab, farm.callers.viewer.token)
  const loaded = (page: string) =>
    tab.evaluate(
      (name) => performance.getEntriesByType('resource').some((entry) => entry.name.includes(`/${name}-`)),
      page,
    )
  const pages = ['overview', 'syncs', 'sync', 'playbooks', 'playbook', 'observations', 'observation']
  for (const page of pages) await expect.poll(() => loaded(page)).toBe(true)
  await tab.context().setOffline(true)
  await tab.getByRole('link', { name: 'Syncs', exact: true }).click()
  await tab.getByText('The server cannot be reached').waitFor()
  await tab.getByRole('link', { name: 'Devices', exact: true }).click()
  await tab.getByRole('row').filter({ hasText: 'dev_admin' }).waitFor()
  await tab.getByRole('link', { name: 'Syncs', exact: true }).click()
  await tab.context().setOffline(false)
  await tab.locator('tbody a').first().waitFor()
  await tab.close()
})

it.each([
  ['Europe/Berlin', 'en-US'],
  ['Asia/Kolkata', 'es-ES'],
])(
  '[APP-45, APP-63] a list is narrowed by the clock that it shows, whatever the clock of the browser (%s, %s)',
  async (timeZone, language) => {
    await using abroad = await startBrowser({ timeZone, language })
    const { t } = inLanguage(preferredLanguage([language]))
    const tab = await signIn('viewer', '/observations', { browser: abroad })
    const { rawNoteText: first } = worked.newest
    const near = (minutes: number) =>
      toZoned(Date.parse(worked.newest.updatedAt) + minutes * 60_000, 'America/Los_Angeles')
    const zone = zoneNameOf(preferredLanguage([language]), 'America/Los_Angeles')
    const from = tab.getByLabel(`${t('observations.changedFrom')} (${zone})`)
    const apply = () => tab.getByRole('button', { name: t('filters.apply') }).click()
    await from.fill(near(-5))
    await tab.getByLabel(`${t('observations.changedTo')} (${zone})`).fill(near(5))
    await apply()
    await tab.waitForURL(/from=/)
    await tab.locator('tbody tr', { hasText: first }).first().waitFor()
    const address = tab.url()
    // Applied again it stays what it was, seconds included.
    await tab.getByLabel(t('observations.text')).fill('zzz')
    await apply()
    await tab.waitForURL(/text=zzz/)
    const range = (url: string) => ['from', 'to'].map((name) => new URL(url).searchParams.get(name))
    expect(range(tab.url())).toEqual(range(address))
    // One that is half typed is not dropped.
    await from.fill('')
    await from.press('1')
    await apply()
    await tab.getByText(t('filters.moment.wrong')).waitFor()
    expect(await pageFindings(tab)).toEqual([])
  },
)

it('[APP-45] a device is found by a part of its id, and an unknown one is refused in the form', async () => {
  const tab = await signIn('viewer', '/syncs', { refuses: true })
  await tab.locator('datalist option').first().waitFor({ state: 'attached' })
  await tab.getByLabel('Device').fill('anna')
  await tab.getByRole('button', { name: 'Apply' }).click()
  await tab.getByText('matches “anna”').waitFor()
  await tab.getByLabel('Device').fill('AGRO')
  await tab.getByRole('button', { name: 'Apply' }).click()
  await tab.waitForURL(/deviceId=dev_agronomist/)
  await tab.goto(`${farm.origin}/syncs?from=bad`)
  await tab.getByText('Invalid value: From').waitFor()
  await tab.close()
})

it('another filter begins at its first page, and a cleared one leaves the address', async () => {
  const tab = await signIn('viewer', '/observations?status=draft&cursor=an-old-page', { refuses: true })
  await tab.getByText('Invalid value: cursor').waitFor()
  await tab.getByLabel('Status').selectOption('')
  // Every note of the day names its block.
  await tab.getByLabel('Search notes').fill('Block')
  await tab.getByRole('button', { name: 'Apply' }).click()
  await tab.locator('tbody tr').first().waitFor()
  expect(new URL(tab.url()).search).toBe('?text=Block')
  await tab.close()
})

it('[APP-48] what is typed into the playbook form survives a reload, the way back and a newer version', async () => {
  const tab = await signIn('agronomist', '/playbooks/pbk_yolo_grape', { refuses: true })
  await tab.getByRole('button', { name: 'Edit values' }).click()
  await tab.getByLabel('Max. wind').first().fill('17')
  await tab.getByLabel('Reason').fill('Gusts')
  // The browser is one of the United States.
  await tab.locator('mark', { hasText: '17 mph' }).waitFor()
  const asTyped = async () => {
    await tab.getByText('Your unsaved changes have been restored').waitFor()
    expect(await tab.getByLabel('Max. wind').first().inputValue()).toBe('17')
    expect(await tab.getByLabel('Reason').inputValue()).toBe('Gusts')
  }
  await expect.poll(() => tab.evaluate(() => JSON.stringify(localStorage))).toContain('Gusts')
  await tab.reload()
  await asTyped()
  await tab.getByRole('link', { name: 'Devices', exact: true }).click()
  await tab.getByRole('heading', { name: 'Devices' }).waitFor()
  await tab.goBack()
  await asTyped()
  // A second tab has a form of its own.
  const second = await signIn('agronomist', '/playbooks/pbk_yolo_grape')
  await second.getByRole('button', { name: 'Edit values' }).click()
  await second.getByLabel('Max. temperature').fill('31')
  await second.getByLabel('Reason').fill('Cooler')
  await second.getByRole('button', { name: 'Apply changes' }).click()
  await second.getByRole('button', { name: 'Edit values' }).waitFor()
  await second.close()
  await tab.getByRole('button', { name: 'Apply changes' }).click()
  await tab.getByRole('button', { name: 'Load latest version' }).click()
  await expect.poll(() => tab.getByLabel('Max. temperature').inputValue()).toBe('31')
  expect(await tab.getByLabel('Max. wind').first().inputValue()).toBe('17')
  // What a tab that is gone had typed is offered to the next.
  await tab.close()
  const next = await signIn('agronomist', '/playbooks/pbk_yolo_grape')
  await next.getByText('Your unsaved changes have been restored').waitFor()
  await next.getByRole('button', { name: 'Discard changes' }).click()
  await next.reload()
  await next.getByRole('button', { name: 'Edit values' }).waitFor()
  expect(await next.getByText('have been restored').count()).toBe(0)
  await next.close()
})

it('[APP-48, PCH-1] a playbook change without an answer is sent again as it was, and another one under its own ID', async () => {
  const tab = await signIn('agronomist', '/playbooks/pbk_yolo_grape', { refuses: true })
  const sent: { patchId: string; requestedAt: string; reason: string }[] = []
  let fate: 'lost' | 'unanswered' | 'answered' = 'unanswered'
  await tab.route('**/playbooks.applyPatch**', async (route) => {
    sent.push(route.request().postDataJSON() as (typeof sent)[number])
    if (fate === 'answered') return await route.continue()
    if (fate === 'unanswered') await route.fetch()
    await route.abort()
  })
  const apply = async (reason: string): Promise<void> => {
    const before = sent.length
    await tab.getByLabel('Reason').fill(reason)
    await tab.getByRole('button', { name: 'Apply changes' }).click()
    await expect.poll(() => sent.length).toBe(before + 1)
    if (fate !== 'answered')
      await tab.getByText('The server cannot be reached. Check your connection, then try again.').waitFor()
  }
  await tab.getByRole('button', { name: 'Edit values' }).click()
  await tab.getByLabel('Max. wind').first().fill('21')
  await apply('Calm week')
  await apply('Calm week')
  // The browser is closed before the next attempt, and nothing was typed since the last one.
  await tab.reload()
  await tab.getByText('Your unsaved changes have been restored').waitFor()
  fate = 'lost'
  await apply('Calm weeks')
  fate = 'answered'
  await apply('Calm week')
  await tab.getByRole('button', { name: 'Edit values' }).waitFor()
  await tab.getByText('Calm week', { exact: true }).waitFor()
  const [first, again, other, last] = sent
  expect([again, last]).toEqual([first, first])
  expect(other?.patchId).not.toBe(first?.patchId)
  expect(sent).toHaveLength(4)
  await tab.close()
})

it('[APP-49] a Spanish page says nothing in English, and who revokes the device in use is warned', async () => {
  const tab = await signIn('admin', `/syncs/dev_scout/${worked.conflictSyncId}`)
  await tab.getByLabel('Language').selectOption('es')
  await tab.getByText('Ya confirmada').waitFor()
  const text = (await tab.locator('main').textContent()) ?? ''
  expect(text).not.toMatch(/OBSERVATION_|confirmed|correction|observations/)
  await tab.goto(`${farm.origin}/devices/dev_admin`)
  await tab.getByRole('button', { name: 'Revocar' }).click()
  await tab.getByText('Ha iniciado sesión con este dispositivo').waitFor()
  await tab.getByRole('button', { name: 'Cancelar' }).click()
  await tab.getByLabel('Idioma').selectOption('en')
  await tab.close()
})
