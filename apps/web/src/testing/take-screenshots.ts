// Pictures of every page, in both languages, at phone and desktop width, by day and by night, to be looked at:
// node apps/web/src/testing/take-screenshots.ts <folder>, after a build.
import { mkdirSync } from 'node:fs'
import path from 'node:path'

import { startBrowser, type Tab } from '@fieldsync/testkit/browser'

import { signInOn, startFarm, workADay } from './farm.ts'
import { isIn, PASSWORD } from './people.ts'
import { recommendNow } from './recommended.ts'

const WIDTHS = [320, 390, 900, 1440]
const folder = path.resolve(process.argv[2] ?? 'screenshots')
mkdirSync(folder, { recursive: true })
process.env['CHROMIUM_PATH'] ??= '/usr/bin/chromium'

await using farm = await startFarm()
// One of its own ends with the script.
await using browser = await startBrowser({ profile: true })
const tab = await browser.open(farm.origin)
tab.on('console', (message) => {
  if (message.type() === 'error') process.stdout.write(`console: ${message.text()}\n`)
})
tab.on('pageerror', (error) => process.stdout.write(`page: ${error.stack ?? error.message}\n`))

async function shoot(page: Tab, name: string): Promise<void> {
  await shootIn(page, name)
  await page.getByLabel('Language').selectOption('es')
  await shootIn(page, `${name}-es`)
  await page.getByLabel('Idioma').selectOption('en')
}

async function shootIn(page: Tab, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 })
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      if (wide > 0) process.stdout.write(`${name} at ${width}: ${wide} px too wide\n`)
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('.card, input')]
          .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)
          .map(({ className, scrollWidth, clientWidth }) => `${className}: ${scrollWidth - clientWidth} px`),
      )
      if (cut.length > 0) process.stdout.write(`${name} at ${width} cuts ${cut.join(', ')}\n`)
      await page.screenshot({ path: path.join(folder, `${name}-${width}-${scheme}.png`), fullPage: true })
    }
  }
}

async function visit(name: string, address: string): Promise<void> {
  await tab.goto(`${farm.origin}${address}`)
  await tab.locator('.page h1').waitFor()
  await tab.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
  await shoot(tab, name)
}

await shoot(tab, 'sign-in')
await tab.getByLabel('Token', { exact: true }).fill('no-token-of-anybody')
await tab.getByRole('button', { name: 'Sign in' }).click()
await tab.getByText('Unknown or revoked token').waitFor()
await shoot(tab, 'sign-in-wrong')
await signInOn(tab, farm.callers.admin.token)
await tab.getByRole('heading', { name: 'Overview' }).waitFor()
for (const name of [
  'overview',
  'devices',
  'syncs',
  'playbooks',
  'observations',
  'recommendations',
  'security',
]) {
  const address = { overview: '/', devices: '/devices?state=revoked' }[name] ?? `/${name}`
  await visit(`${name}-empty`, address)
}
const { observationId, conflictSyncId } = await workADay(farm.callers)
await visit('overview', '/')
await visit('devices', '/devices')
await tab.getByRole('button', { name: 'Create device' }).click()
await shoot(tab, 'device-create')
await tab.getByLabel('Device name').fill('dev_new_phone')
await tab.getByLabel('With a token').check()
await tab.getByRole('dialog').getByRole('button', { name: 'Create device' }).click()
await tab.getByTestId('token').waitFor()
await shoot(tab, 'device-created')
await visit('device', '/devices/dev_scout')
for (const [opens, name] of [
  ['Change role', 'device-role'],
  ['New token', 'device-token'],
  ['Revoke', 'device-revoke'],
  ['Wipe device…', 'device-wipe'],
] as const) {
  await tab.getByRole('button', { name: opens, exact: true }).click()
  await shoot(tab, name)
  await tab.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
}
await tab.goto(`${farm.origin}/devices/dev_new_phone`)
await tab.getByRole('button', { name: 'Revoke' }).click()
await tab.getByRole('button', { name: 'Revoke device' }).click()
await tab.getByRole('button', { name: 'Readmit' }).click()
await shoot(tab, 'device-readmit')
await tab.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
await tab.getByRole('button', { name: 'Wipe device…' }).click()
await tab.getByRole('dialog').getByRole('button', { name: 'Wipe device' }).click()
await tab.getByText('Wipe confirmed').waitFor()
await visit('device-wipe-pending', '/devices/dev_new_phone')
await tab.getByRole('button', { name: 'Readmit' }).click()
await shoot(tab, 'device-wipe-cancel')
await visit('devices-wipe-pending', '/devices?wipe=pending')
await visit('device-unknown', '/devices/dev_nobody')
await visit('syncs', '/syncs')
await visit('syncs-error', '/syncs?from=yesterday')
await visit('sync', `/syncs/dev_scout/${conflictSyncId}`)
await visit('sync-unknown', '/syncs/dev_scout/nothing')
await visit('playbook', '/playbooks/pbk_yolo_grape?older=3&newer=4')
await tab.getByRole('button', { name: 'Edit values' }).click()
await tab.getByLabel('Max. wind').first().fill('1000')
await tab.getByRole('button', { name: 'Apply changes' }).click()
await shoot(tab, 'playbook-edit')
await visit('settings', '/settings')
await tab.getByLabel('Allowed until').check()
await tab.getByRole('button', { name: 'Save' }).click()
await shoot(tab, 'settings-until')
await tab.getByLabel('Tokens work until').fill('2099-03-01T06:30')
await tab.getByRole('button', { name: 'Save' }).click()
await tab.getByRole('dialog').getByText('dev_scout').waitFor()
await shoot(tab, 'settings-shut-out')
await tab.getByRole('button', { name: 'Set the limit' }).click()
await tab.getByText('No administrator’s device has used a key yet').waitFor()
await shoot(tab, 'settings-no-admin-key')
await visit('people-empty', '/people')
await tab.getByRole('button', { name: 'Invite person' }).click()
await tab.getByRole('dialog').getByLabel('Email').fill('ana@farm.example')
await tab.getByRole('dialog').getByLabel('Role').selectOption({ label: 'Administrator' })
await shoot(tab, 'person-invite')
await tab.getByRole('dialog').getByRole('button', { name: 'Create invitation' }).click()
const link = (await tab.getByTestId('person-link').textContent())?.trim() ?? ''
await shoot(tab, 'person-invited')
await visit('people-invited', '/people')
{
  await using other = await startBrowser({ profile: true })
  const person = await other.open(link)
  await person.getByLabel('Name').waitFor()
  await shoot(person, 'accept')
  await person.getByLabel('Name').fill('Ana Ruiz')
  await person.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await person.getByRole('button', { name: 'Create account' }).click()
  await isIn(person, 'Ana Ruiz')
  await shoot(person, 'overview-person')
  await person.goto(`${farm.origin}/account`)
  await person.getByText('You are signed in nowhere else.').waitFor()
  await shoot(person, 'account')
  await person.getByRole('button', { name: 'Set up' }).click()
  await person.getByRole('dialog').getByLabel('Password', { exact: true }).fill(PASSWORD)
  await person.getByRole('button', { name: 'Continue' }).click()
  await person.getByTestId('totp-secret').waitFor()
  await shoot(person, 'two-factor')
  await person.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await person.goto(`${farm.origin}/people`)
  await person.getByRole('main').getByRole('link', { name: 'Ana Ruiz' }).click()
  await person.getByRole('button', { name: 'Change role' }).waitFor()
  await shoot(person, 'person')
  await person.getByRole('button', { name: 'Sign out' }).click()
  await person.getByLabel('Email').waitFor()
  await shoot(person, 'sign-in-person')
  await person.goto(link)
  await person.getByText('This link is no longer valid').waitFor()
  await shoot(person, 'accept-invalid')
}
await visit('services-empty', '/services')
await tab.getByRole('button', { name: 'Create service' }).click()
await tab.getByLabel('Service name').fill('dev_svc_erp')
await tab.getByLabel('Create records').check()
await tab.getByLabel('dev_scout').check()
await shoot(tab, 'service-create')
await tab.getByRole('dialog').getByRole('button', { name: 'Create service' }).click()
await tab.getByTestId('secret').waitFor()
await shoot(tab, 'service-created')
await visit('services', '/services')
await visit('service', '/services/dev_svc_erp')
for (const [opens, name] of [
  ['Change access', 'service-access'],
  ['New key or secret', 'service-rotate'],
  ['Revoke', 'service-revoke'],
] as const) {
  await tab.getByRole('button', { name: opens, exact: true }).click()
  await shoot(tab, name)
  await tab.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
}
await visit('observations', '/observations')
await visit('observation', `/observations/${observationId}`)
const { recommendationId } = await recommendNow(farm.callers.scout, 'Block 7')
await visit('recommendations', '/recommendations')
await visit('recommendation', `/recommendations/${recommendationId}`)
await visit('audit', '/audit')
await visit('audit-entry', '/audit/3-0')
await tab.goto(`${farm.origin}/playbooks/pbk_yolo_grape`)
await tab.getByRole('button', { name: 'Discard changes' }).click()
await tab.getByRole('button', { name: 'Publish…' }).click()
await shoot(tab, 'playbook-publish')
await tab.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
await tab.getByRole('button', { name: 'Edit values' }).click()
await tab.getByLabel('Max. wind').nth(1).fill('6')
await tab.getByRole('region', { name: 'Open recommendations' }).getByRole('listitem').first().waitFor()
await shoot(tab, 'playbook-edit-recommendations')
await tab.getByRole('button', { name: 'Discard changes' }).click()
await visit('missing', '/nowhere')
