import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { startBrowser } from '@fieldsync/testkit/browser'
import { expect, it, onTestFinished } from 'vitest'

import { phone } from './testing/phone-screen.ts'
import { serveApp } from './testing/serve-app.ts'

/** By `npm test` and `npm start`. */
const BUILT = path.resolve(import.meta.dirname, '../dist')

/** The built app with another page, and a service worker that knows it. */
function newerApp(): string {
  const newer = mkdtempSync(path.join(tmpdir(), 'fieldsync-newer-'))
  onTestFinished(() => rmSync(newer, { recursive: true, force: true }))
  cpSync(BUILT, newer, { recursive: true })
  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(path.join(newer, file), change(readFileSync(path.join(newer, file), 'utf8')))
  edit('index.html', (page) => page.replace('<html lang="en">', '<html lang="en" data-newer>'))
  const hash = createHash('sha256')
    .update(readFileSync(path.join(newer, 'index.html')))
    .digest('base64')
  edit('sw.js', (worker) =>
    worker.replace(/(\/app\/index\.html",revision:")\w+(",integrity:"sha256-)[^"]+/, `$1newer$2${hash}`),
  )
  return newer
}

it('[APP-2] shows that there is a new version, and activates it when the person chooses to', async () => {
  // No server stands behind it: the app needs none to begin.
  await using site = await serveApp(BUILT)
  await using browser = await startBrowser({ installs: true })
  const tab = await browser.open(`${site.origin}/app/`)
  await phone(tab).setUp()
  await tab.evaluate(async () => void (await navigator.serviceWorker.ready))
  await phone(tab).button('New note')
  await tab.getByLabel('Note', { exact: true }).fill('half written')
  site.deploy(newerApp())
  await tab.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()))
  await tab.getByText('A new version is available.').waitFor()
  expect(await tab.getByLabel('Note', { exact: true }).inputValue()).toBe('half written')
  await tab.getByLabel('Note', { exact: true }).fill('half written, and more')
  await phone(tab).button('Update now')
  await tab.locator('html[data-newer]').waitFor()
  await expect
    .poll(() => tab.getByLabel('Note', { exact: true }).inputValue(), { timeout: 20_000 })
    .toBe('half written, and more')
}, 240_000)

it('[APP-17] looks for a new version while it stays open, and when it comes to the foreground', async () => {
  await using site = await serveApp(BUILT)
  await using browser = await startBrowser({ installs: true })
  const tab = await browser.open('about:blank')
  await tab.clock.install()
  // Which of the checks goes out is the browser's affair: it joins one to another that it is at.
  await tab.addInitScript(() => {
    const update = Reflect.get(ServiceWorkerRegistration.prototype, 'update')
    const counted = { checks: 0 }
    Object.assign(globalThis, { counted })
    ServiceWorkerRegistration.prototype.update = function () {
      counted.checks++
      return update.call(this)
    }
  })
  await tab.goto(`${site.origin}/app/`)
  await phone(tab).setUp()
  await tab.evaluate(async () => void (await navigator.serviceWorker.ready))
  const notice = tab.getByText('A new version is available.')
  const comeBack = () =>
    tab.evaluate(() => {
      document.dispatchEvent(new Event('visibilitychange'))
      return Reflect.get(globalThis, 'counted').checks
    })
  // Just checked: coming and going does not cost a request each time.
  expect(await comeBack()).toBe(0)
  await tab.clock.fastForward('02:00')
  expect(await comeBack()).toBe(1)
  expect(await comeBack()).toBe(1)
  expect(await notice.isVisible()).toBe(false)
  site.deploy(newerApp())
  const open = async () => {
    await tab.clock.fastForward('31:00')
    return notice.isVisible()
  }
  await expect.poll(open, { timeout: 20_000 }).toBe(true)
}, 240_000)
