// The pictures of the README: both apps on a real server with the demo's season. `npm run pictures [folder]`
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { consoleLink, DeviceId, enrollmentLink, OpenedEnrollment } from '@fieldsync/contracts'
import { callOperation, startServer } from '@fieldsync/testkit'
import { startBrowser, type Tab } from '@fieldsync/testkit/browser'

const folder = path.resolve(process.argv[2] ?? 'docs/pictures')
const OFFICE = 'dev_office'
const PHONE = 'dev_readme_phone'
const DESKTOP = { width: 1280, height: 860 }
const POCKET = { width: 390, height: 844 }

process.env['CHROMIUM_PATH'] ??= '/usr/bin/chromium'
mkdirSync(folder, { recursive: true })
await using server = await startServer({ args: ['--demo'] })
// One of its own ends with the script.
await using browser = await startBrowser({ profile: true })
const phoneCode = await codeFor(PHONE)
await drawConsole()
await drawFieldApp()

async function drawConsole(): Promise<void> {
  const tab = await openAt(DESKTOP, consoleLink('', await codeFor(OFFICE)))
  await tab.getByRole('heading', { name: 'Overview' }).waitFor()
  await tab.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
  await shoot(tab, 'console')
}

async function drawFieldApp(): Promise<void> {
  const tab = await openAt(POCKET, enrollmentLink('', phoneCode))
  await tab.getByText('Up to date').first().waitFor()
  await tab.waitForTimeout(500)
  await shoot(tab, 'field-app-home')
  await tab.getByRole('button', { name: 'New note' }).click()
  await tab
    .getByLabel('Note', { exact: true })
    .fill('White powder on the lower leaves, also on first berries')
  await tab.getByRole('radio', { name: 'Powdery mildew' }).click()
  await tab.getByRole('radio', { name: 'Moderate' }).click()
  await shoot(tab, 'field-app-note')
}

async function openAt(viewport: { width: number; height: number }, address: string): Promise<Tab> {
  const tab = await browser.open('about:blank')
  await tab.setViewportSize(viewport)
  await tab.goto(server.url + address)
  return tab
}

/** In both themes; a page shows the one that its reader likes. */
async function shoot(tab: Tab, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await tab.waitForTimeout(200)
    const file = path.join(folder, `${name}-${colorScheme}.png`)
    await tab.screenshot({ path: file })
    process.stdout.write(`${file}\n`)
  }
}

/** Printed once, right after the server said that it is ready. */
async function adminToken(): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const token = /^ *(fsd_[\w-]+)$/m.exec(server.logs())?.[1]
    if (token !== undefined) return token
    await setTimeout(50)
  }
  throw new Error(`the demo printed no token:\n${server.logs()}`)
}

/** A code by which a device gets a key; the demo's administrator opens it, whose token ends once its own is used. */
async function codeFor(deviceId: string): Promise<string> {
  const { status, text } = await callOperation({
    url: server.url,
    token: await adminToken(),
    operation: 'devices.openEnrollment',
    key: `the pictures of ${deviceId}`,
    input: { deviceId: DeviceId.parse(deviceId) },
  })
  if (status !== 201) throw new Error(text)
  return OpenedEnrollment.parse(JSON.parse(text)).code ?? ''
}
