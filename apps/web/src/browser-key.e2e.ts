import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { consoleLink, DeviceId, type DeviceRole } from '@fieldsync/contracts'
import { device, observation, postBatch, syncBatch } from '@fieldsync/testkit'
import { pageFindings, startBrowser, type Tab, type TestBrowser } from '@fieldsync/testkit/browser'
import { describe, expect, it, onTestFinished } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'
import { signInOn } from './testing/farm.ts'

const DAY_MS = 86_400_000

const { farm } = await consoleWorld()
const { api } = createFieldsyncClient({
  url: farm.origin,
  credentials: deviceToken(farm.callers.admin.token),
})

/** A code for the browser to be of this device, and the console's link with it. */
async function enrollment(id: string, role: DeviceRole = 'admin'): Promise<{ code: string; link: string }> {
  const { code } = await api.devices.openEnrollment.mutate({ deviceId: DeviceId.parse(id), role })
  if (code === null) throw new Error('the first answer has no code')
  return { code, link: consoleLink(farm.origin, code) }
}

const known = async (id: string) =>
  (await api.devices.list.query({ limit: 200 })).items.find(({ deviceId }) => deviceId === id)?.key

/** Who the page says is signed in. */
const isIn = (tab: Tab, id: string): Promise<void> => tab.locator('.who', { hasText: id }).waitFor()

async function opened(browser: TestBrowser, id: string, role?: DeviceRole): Promise<Tab> {
  const tab = await browser.open((await enrollment(id, role)).link)
  await isIn(tab, id)
  return tab
}

/** What the browser has stored of keys. */
const storedKeys = (tab: Tab): Promise<number> =>
  tab.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('fieldsync-keys')
        opening.addEventListener('error', () => reject(opening.error ?? new Error('not opened')))
        opening.addEventListener('success', () => {
          const count = opening.result.transaction('keys').objectStore('keys').count()
          count.addEventListener('success', () => {
            opening.result.close()
            resolve(count.result)
          })
        })
      }),
  )

describe('[APP-66] a console in a browser with a key', () => {
  it('is signed in by a link without typing, proves every call, and leaves no code in the address', async () => {
    await using browser = await startBrowser()
    const { link, code } = await enrollment('dev_desk')
    const tab = await browser.open('about:blank')
    const bare: string[] = []
    tab.on('request', (request) => {
      const { pathname } = new URL(request.url())
      const headers = request.headers()
      if (/^\/(?:trpc|v1|oauth)\//.test(pathname) && headers['dpop'] === undefined) bare.push(pathname)
      if (headers['x-device-token'] !== undefined) bare.push(`${pathname} with a token`)
    })
    await tab.goto(link)
    await isIn(tab, 'dev_desk')
    expect(tab.url()).toBe(`${farm.origin}/`)
    expect(await tab.evaluate(() => [location.href, JSON.stringify(history.state)].join())).not.toContain(
      code,
    )
    // The live stream opened with a proof too: what a phone sends appears by itself.
    await tab.getByRole('link', { name: 'Notes', exact: true }).click()
    const { scout } = farm.callers
    const note = observation({ deviceId: scout.deviceId, rawNoteText: 'Seen by a browser with a key' })
    await postBatch(scout, syncBatch({ device: device({ deviceId: scout.deviceId }), observations: [note] }))
    await tab.getByText('Seen by a browser with a key').waitFor()
    // An admin's command.
    await tab.getByRole('link', { name: 'Devices', exact: true }).click()
    await tab.getByRole('button', { name: 'Create device' }).click()
    await tab.getByLabel('Device name').fill('dev_by_key')
    await tab.getByRole('dialog').getByRole('button', { name: 'Create device' }).click()
    await tab.getByTestId('console-link').waitFor()
    expect(bare).toEqual([])
    expect(await pageFindings(tab)).toEqual([])
  })

  it('stays signed in after a reload, in other tabs, without the server, and in the next run of the browser', async () => {
    const profile = await mkdtemp(path.join(tmpdir(), 'fieldsync-browser-'))
    onTestFinished(() => rm(profile, { recursive: true, force: true }))
    const browser = await startBrowser({ profile })
    const tab = await opened(browser, 'dev_stays', 'viewer')
    await tab.reload()
    await isIn(tab, 'dev_stays')
    const other = await browser.open(`${farm.origin}/syncs`)
    await isIn(other, 'dev_stays')
    await other.route('**/trpc/**', (route) => route.abort())
    await other.reload()
    await other.getByText('The server cannot be reached. Check').waitFor()
    await other.unroute('**/trpc/**')
    await other.getByRole('button', { name: 'Try again' }).click()
    await isIn(other, 'dev_stays')
    await browser[Symbol.asyncDispose]()
    await using next = await startBrowser({ profile })
    await isIn(await next.open(farm.origin), 'dev_stays')
  })

  it('takes a typed code, says what is wrong with one, and goes on with the same code after a lost answer', async () => {
    await using browser = await startBrowser()
    const { code, link } = await enrollment('dev_typed')
    const tab = await browser.open(farm.origin)
    const field = tab.getByLabel('Link or code')
    const go = () => tab.getByRole('button', { name: 'Continue' }).click()
    await field.fill(code.slice(0, -3))
    await go()
    await tab.getByText('This link or code is not complete.').waitFor()
    await field.fill(link.replace(farm.origin, 'https://other.example'))
    await go()
    await tab.getByText('This link is for another server.').waitFor()
    await field.fill('00000-00000-00000-00000-000000')
    await go()
    await tab.getByText('This code is not valid. Ask your administrator for a new one.').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await tab.route('**/v1/devices/enroll', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await field.fill(code.toLowerCase())
    await go()
    await tab.getByText('you can use the same code').waitFor()
    await tab.unroute('**/v1/devices/enroll')
    await go()
    await isIn(tab, 'dev_typed')
  })

  it('asks before a link takes the place of a session, and keeps that one otherwise', async () => {
    await using browser = await startBrowser()
    const tab = await opened(browser, 'dev_first')
    const { link } = await enrollment('dev_second')
    await tab.goto(link)
    await tab.getByText('Nothing changes until you choose Continue').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await tab.getByRole('button', { name: 'Stay signed in' }).click()
    await isIn(tab, 'dev_first')
    expect(await known('dev_second')).toBeUndefined()
    await tab.goto(link)
    await tab.getByRole('button', { name: 'Continue' }).click()
    await isIn(tab, 'dev_second')
    // The former key is of no use any more.
    await expect.poll(() => storedKeys(tab)).toBe(1)
  })

  it('works with a clock that is a day off', async () => {
    await using browser = await startBrowser()
    const tab = await browser.open('about:blank')
    await tab.clock.setSystemTime(Date.now() - DAY_MS)
    await tab.goto((await enrollment('dev_late')).link)
    await isIn(tab, 'dev_late')
    await tab.getByRole('link', { name: 'Devices', exact: true }).click()
    await tab.getByRole('row').filter({ hasText: 'dev_late' }).waitFor()
  })

  it('waits for an administrator where its key has to be confirmed, and then goes on by itself', async () => {
    await using browser = await startBrowser()
    const tab = await browser.open('about:blank')
    await tab.route('**/oauth/token', (route) =>
      route.fulfill({
        status: 401,
        json: { error: 'invalid_client', reason: 'unconfirmed', action: 'wait' },
      }),
    )
    await tab.goto((await enrollment('dev_waits')).link)
    const fingerprint = async () => (await known('dev_waits'))?.fingerprint.slice(0, 8) ?? 'none'
    await tab.getByText('has to confirm this browser first').waitFor()
    await tab.getByText(`key fingerprint: ${await fingerprint()}…`).waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await tab.unroute('**/oauth/token')
    await isIn(tab, 'dev_waits')
  })

  it('that is revoked leads back to the way in, and a new link to its device', async () => {
    await using browser = await startBrowser()
    const tab = await opened(browser, 'dev_lost')
    await api.devices.revoke.mutate({ deviceId: DeviceId.parse('dev_lost') })
    await tab.getByText('The server no longer accepts this browser’s key').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await tab.goto((await enrollment('dev_lost')).link)
    await isIn(tab, 'dev_lost')
  })
})

describe('[APP-67] signing out of a browser with a key', () => {
  it('removes the key, in every tab, unless the person keeps it', async () => {
    await using browser = await startBrowser()
    const tab = await opened(browser, 'dev_shared')
    const other = await browser.open(`${farm.origin}/devices`)
    await isIn(other, 'dev_shared')
    const ask = () => tab.getByRole('banner').getByRole('button', { name: 'Sign out' }).click()
    const dialog = tab.getByRole('dialog')
    await ask()
    expect(await pageFindings(tab)).toEqual([])
    await dialog.getByLabel('Keep the key in this browser').check()
    await dialog.getByRole('button', { name: 'Sign out' }).click()
    await other.getByLabel('Link or code').waitFor()
    expect(await storedKeys(tab)).toBe(1)
    await tab.reload()
    await tab.getByRole('button', { name: 'Continue as dev_shared' }).click()
    await isIn(tab, 'dev_shared')
    await ask()
    await dialog.getByRole('button', { name: 'Sign out' }).click()
    await tab.getByLabel('Link or code').waitFor()
    await expect.poll(() => storedKeys(tab)).toBe(0)
    await other.reload()
    await other.getByLabel('Link or code').waitFor()
    expect(await other.getByRole('button', { name: 'Continue as' }).count()).toBe(0)
    await signInOn(other, farm.callers.viewer.token)
    await isIn(other, 'dev_viewer')
  })
})

it('[ENG-76, ENG-77] a key of 90 days is replaced once by two tabs that open together, and both go on', async () => {
  await using browser = await startBrowser()
  const tab = await opened(browser, 'dev_old_key')
  const before = (await known('dev_old_key'))?.fingerprint
  await tab.evaluate(
    (createdAt) =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open('fieldsync-keys')
        opening.addEventListener('success', () => {
          const store = opening.result.transaction('keys', 'readwrite').objectStore('keys')
          const cursor = store.openCursor()
          cursor.addEventListener('success', () => {
            if (cursor.result === null) return
            const update = cursor.result.update({ ...(cursor.result.value as object), createdAt })
            update.addEventListener('success', () => {
              opening.result.close()
              resolve()
            })
          })
        })
      }),
    Date.now() - 91 * DAY_MS,
  )
  const other = await browser.open('about:blank')
  await Promise.all([tab.reload(), other.goto(`${farm.origin}/devices`)])
  await Promise.all([isIn(tab, 'dev_old_key'), isIn(other, 'dev_old_key')])
  await expect.poll(async () => (await known('dev_old_key'))?.fingerprint).not.toBe(before)
  await expect.poll(() => storedKeys(tab)).toBe(1)
  for (const each of [tab, other]) {
    await each.getByRole('link', { name: 'Syncs', exact: true }).click()
    await each.getByRole('heading', { name: 'Syncs' }).waitFor()
    await each.reload()
    await isIn(each, 'dev_old_key')
  }
  const { items } = await api.audit.list.query({ limit: 200 })
  const rotations = items.filter(
    ({ action, target }) => action === 'device.rotate_key' && target?.id === 'dev_old_key',
  )
  expect(rotations).toHaveLength(1)
  // What an administrator compares is the new one.
  const after = (await known('dev_old_key'))?.fingerprint.slice(0, 8) ?? 'none'
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await tab.getByRole('dialog').getByText(`Key fingerprint: ${after}…`).waitFor()
})

it('[APP-68] one click sets the field app up on this computer as a new scout', async () => {
  await using browser = await startBrowser()
  const tab = await opened(browser, 'dev_office')
  await tab.getByRole('link', { name: 'Devices', exact: true }).click()
  const opening = tab.waitForEvent('popup')
  await tab.getByRole('button', { name: 'Set up the field app here' }).click()
  const app = await opening
  await app.getByRole('button', { name: 'Sync now' }).waitFor()
  expect(app.url()).toBe(`${farm.origin}/app/`)
  expect(await known('dev_field_1')).toBeTruthy()
  const again = tab.waitForEvent('popup')
  await tab.getByRole('button', { name: 'Set up the field app here' }).click()
  await (await again).getByText('already set up as dev_field_1').waitFor()
  await isIn(tab, 'dev_office')
})
