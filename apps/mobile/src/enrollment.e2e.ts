import { readFile } from 'node:fs/promises'

import { DeviceKey, testDatabase } from '@fieldsync/testkit'
import { pageFindings, startBrowser, type Tab } from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { type AppWorld, PHONE, SCOUT, startAppWorld } from './testing/app-world.ts'
import { enrollments } from './testing/enrollments.ts'
import { phone } from './testing/phone-screen.ts'

/** Everything that a page, its address and its history show of a code. */
const leftOf = (tab: Tab, code: string): Promise<boolean> =>
  tab.evaluate(
    (text) => [location.href, JSON.stringify(history.state), document.body.innerHTML].join().includes(text),
    code,
  )

describe('a field app that is set up by a link', () => {
  let world: AppWorld
  beforeAll(async () => {
    world = await startAppWorld((await testDatabase()).serverEnv)
  }, 300_000)
  afterAll(() => world[Symbol.asyncDispose]())
  const app = () => `${world.server.url}/app/`

  it('[APP-64, APP-65, ENR-2] syncs with its key, keeps what it writes while it is revoked, and sends each note once', async () => {
    await using browser = await startBrowser()
    const admin = enrollments(world.server.url, 'dev_linked')
    const first = await admin.open()
    const tab = await browser.open(first.link)
    const self = phone(tab)
    await tab.getByRole('button', { name: 'Sync now' }).waitFor()
    expect(tab.url()).toBe(app())
    expect(await leftOf(tab, first.code)).toBe(false)
    await self.draft('Written with the first key', 'Block 1')
    await self.badge('Up to date')
    expect(await admin.notes()).toEqual(['Written with the first key'])
    const fingerprint = (await admin.fingerprint()) ?? ''
    expect(fingerprint).toMatch(/^[\w-]{43}$/)
    await tab.getByLabel('Settings').click()
    await tab.getByText(`set up as dev_linked. Key fingerprint: ${fingerprint.slice(0, 8)}…`).waitFor()
    expect(await tab.getByText('Software key').count()).toBe(0)
    expect(await pageFindings(tab)).toEqual([])

    await self.section(/^Home/)
    await admin.revoke()
    await self.draft('Written while revoked', 'Block 2')
    await self.badge('Key rejected')
    await tab.getByText('This device was revoked.').waitFor()
    await tab.reload()
    await tab.getByRole('link', { name: 'Written while revoked' }).waitFor()
    await tab.getByRole('button', { name: 'Set up again' }).click()
    await tab.getByLabel('Link or code').waitFor()

    const second = await admin.open()
    await tab.goto(second.link)
    await tab.getByText('already set up as dev_linked').waitFor()
    expect(await leftOf(tab, `#enroll=`)).toBe(false)
    expect(await admin.fingerprint()).toBe(fingerprint)
    expect(await pageFindings(tab)).toEqual([])
    await self.button('Set up')
    await self.badge('Up to date')
    expect(await leftOf(tab, second.code)).toBe(false)
    expect(await admin.notes()).toEqual(['Written while revoked', 'Written with the first key'])
    expect(await admin.fingerprint()).not.toBe(fingerprint)
    await self.section(/^Home/)
    await tab.reload()
    await self.badge('Up to date')
  }, 120_000)

  it('[APP-64, ENR-4, ENG-75] says why it was not, and goes on with the same code or another one', async () => {
    await using browser = await startBrowser()
    const { link, code } = await enrollments(world.server.url, 'dev_typed').open()
    const tab = await browser.open(`${app()}#enroll=00000-00000-00000-00000-000000`)
    const self = phone(tab)
    await tab.getByText('This code is not valid. Ask your administrator for a new one.').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await tab.getByLabel('Link or code').fill(link.slice(0, -5))
    await self.button('Set up')
    await tab.getByText('This link or code is not complete.').waitFor()

    await tab.context().setOffline(true)
    await tab.getByLabel('Link or code').fill(code.toLowerCase().replaceAll('-', ' '))
    await self.button('Set up')
    await tab.getByText('you can use the same code').waitFor()
    await tab.context().setOffline(false)
    await self.button('Try again')
    await self.badge('Up to date')
    // A link that is pasted into the address bar of the open app, and not wanted.
    await tab.evaluate(() => (location.hash = '#enroll=A-CODE'))
    await tab.getByText('already set up as dev_typed').waitFor()
    expect(await leftOf(tab, '/app/#')).toBe(false)
    await self.button('Ignore this link')
    await tab.getByText('already set up as dev_typed').waitFor({ state: 'detached' })
  }, 120_000)

  it('[APP-65, ENR-5, ENR-6] waits until an administrator has confirmed its key, and goes on by itself', async () => {
    await using browser = await startBrowser()
    const admin = enrollments(world.server.url, 'dev_waiting')
    await admin.set({ confirmKeys: true })
    onTestFinished(() => admin.set({ confirmKeys: false }))
    const { link } = await admin.open()
    const tab = await browser.open(link)
    await phone(tab).badge('Not confirmed')
    const fingerprint = (await admin.fingerprint()) ?? ''
    await tab
      .getByText(`has to confirm dev_waiting first (key fingerprint: ${fingerprint.slice(0, 8)}…)`)
      .waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await admin.confirm(fingerprint)
    await tab.context().setOffline(true)
    await tab.context().setOffline(false)
    await phone(tab).badge('Up to date')
  }, 120_000)

  it('[ACC-28, APP-65] keeps its notes when the company refuses tokens, and sends them once it has a key', async () => {
    await using browser = await startBrowser()
    const { url } = world.server
    const key = await DeviceKey.generate()
    await key.enroll(url, (await enrollments(url, 'dev_boss').open('admin')).code)
    const answer = await key.token(url, 'ws_ridge/dev_boss', { at: new Date() })
    const { access_token: accessToken } = (await answer.json()) as { access_token: string }
    const tab = await browser.open(app())
    const self = phone(tab)
    await self.setUp(PHONE)
    await self.badge('Up to date')
    const admin = enrollments(url, PHONE.deviceId)
    await admin.set({ deviceTokens: { mode: 'refused' } })
    const change = async (deviceTokens: object) => {
      const read = await key.send(`${url}/v1/workspace/settings`, { accessToken })
      const { version } = (await read.json()) as { version: number }
      const changed = await key.send(`${url}/v1/workspace/settings:change`, {
        accessToken,
        body: JSON.stringify({ baseVersion: version, deviceTokens }),
        headers: { 'idempotency-key': `settings-${version}` },
      })
      expect(changed.status).toBe(200)
    }
    onTestFinished(() => change({ mode: 'allowed' }))
    await self.draft('Written with a refused token', 'Block 5')
    await tab.getByText('Your company no longer accepts device tokens. To set this device up').waitFor()
    await tab.getByText('Your notes are safe here.').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await tab.getByRole('button', { name: 'Set up again' }).click()
    const opened = await key.send(`${url}/v1/devices/enrollments`, {
      accessToken,
      body: JSON.stringify({ deviceId: PHONE.deviceId }),
      headers: { 'idempotency-key': 'enrollment' },
    })
    const { link } = (await opened.json()) as { link: string }
    await tab.getByLabel('Link or code').fill(link)
    await self.button('Set up')
    await self.badge('Up to date')
    await change({ mode: 'allowed' })
    expect(await admin.notes()).toEqual(['Written with a refused token'])
  })

  it('[ENG-76, APP-69] replaces its key when a person asks, once in two tabs at once, and stays set up where there is no answer', async () => {
    await using browser = await startBrowser()
    const admin = enrollments(world.server.url, 'dev_replaces')
    const tab = await browser.open((await admin.open()).link)
    await phone(tab).badge('Up to date')
    const shown = async (each: Tab) =>
      each.getByText(`Key fingerprint: ${((await admin.fingerprint()) ?? '').slice(0, 8)}…`).waitFor()
    const first = await admin.fingerprint()
    await tab.getByLabel('Settings').click()
    await shown(tab)
    await tab.route('**/*:rotateKey', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await phone(tab).button('Replace key')
    await tab.getByText('This device stays set up').waitFor()
    const second = await admin.fingerprint()
    expect(second).not.toBe(first)
    expect(await pageFindings(tab)).toEqual([])
    await tab.unroute('**/*:rotateKey')
    const other = await browser.open(`${app()}settings`)
    await shown(other)
    await Promise.all([tab, other].map((each) => phone(each).button('Replace key')))
    for (const each of [tab, other]) await each.getByText('This device has a new key.').waitFor()
    for (const each of [tab, other]) await shown(each)
    expect(await admin.fingerprint()).not.toBe(second)
    await phone(tab).section(/^Home/)
    await phone(tab).draft('Written with the newest key', 'Block 5')
    await phone(tab).badge('Up to date')
    expect(await admin.notes()).toEqual(['Written with the newest key'])
  }, 120_000)

  it('[APP-64, ENG-35] keeps the notes of the device it was before, and asks what becomes of them', async () => {
    await using browser = await startBrowser()
    const admin = enrollments(world.server.url, 'dev_second')
    const tab = await browser.open(app())
    const self = phone(tab)
    await self.setUp(SCOUT)
    await self.badge('Up to date')
    await tab.route('**/v1/sync/batch', (route) => route.abort())
    await self.draft('Written with a token', 'Block 3')
    await tab.getByLabel('Settings').click()
    const { link } = await admin.open()
    await tab.getByLabel('Link or code').fill(link)
    await self.button('Set up')
    await tab.getByText('dev_scout_2 has 1 unsent change.').waitFor()
    await tab.unroute('**/v1/sync/batch')
    await self.button('Send with the old connection')
    await self.badge('Up to date')
    await expect
      .poll(() => enrollments(world.server.url, SCOUT.deviceId).notes(), { timeout: 20_000 })
      .toEqual(['Written with a token'])
    expect(await admin.notes()).toEqual([])
    await tab.getByText('set up as dev_second').waitFor()
  }, 120_000)

  it('[APP-50, APP-64] leaves the code to the installed app where a tab of Safari would use it up', async () => {
    await using browser = await startBrowser({ userAgent: IPHONE })
    const admin = enrollments(world.server.url, 'dev_iphone')
    const tab = await browser.open((await admin.open()).link)
    await tab.getByText('install the app first').waitFor()
    expect(await admin.fingerprint()).toBeUndefined()
    await phone(tab).button('Set up')
    await phone(tab).badge('Up to date')
    expect(await admin.fingerprint()).toBeDefined()
  }, 120_000)

  it('[ENG-71] names a software key where the page did not come by HTTPS, and exports none', async () => {
    await using browser = await startBrowser()
    const { link } = await enrollments(world.server.url, 'dev_plain').open()
    const tab = await browser.open(link.replace('127.0.0.1', 'farm.test'))
    const self = phone(tab)
    await self.badge('Up to date')
    await self.draft('Written with a software key', 'Block 4')
    await tab.getByLabel('Settings').click()
    await self.button('Details')
    await tab.getByText('Software key').waitFor()
    const [key = ''] = await storedKeys(tab)
    expect(key).toMatch(/^[0-9a-f]{64}$/)
    // A store that does not open: all that is left is the file with everything.
    await tab.addInitScript(() => {
      const open = Reflect.get(IDBFactory.prototype, 'open')
      IDBFactory.prototype.open = function (name, version) {
        if (name.startsWith('fieldsync-dev') && version !== undefined)
          throw new DOMException('boom', 'DataError')
        return version === undefined ? open.call(this, name) : open.call(this, name, version)
      }
    })
    await tab.reload()
    await tab.getByRole('button', { name: 'Export' }).waitFor()
    const [file] = await Promise.all([tab.waitForEvent('download'), self.button('Export')])
    const text = await readFile(await file.path(), 'utf8')
    expect(text).toContain('Written with a software key')
    expect(text).not.toContain(key)
  }, 120_000)
})

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1'

/** The software keys in this browser. */
const storedKeys = (tab: Tab): Promise<string[]> =>
  tab.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const asked = indexedDB.open('fieldsync-keys')
        asked.addEventListener('error', () => reject(asked.error))
        asked.addEventListener('success', () => {
          const found: IDBRequest<{ text: string }[]> = asked.result
            .transaction('keys')
            .objectStore('keys')
            .getAll()
          found.addEventListener('success', () => {
            asked.result.close()
            resolve(found.result.map(({ text }) => text))
          })
        })
      }),
  )
