import { readFileSync } from 'node:fs'

import type { FieldsyncClient } from '@fieldsync/client'
import { testDatabase } from '@fieldsync/testkit'
import { pageFindings, startBrowser, type Tab, type TestBrowser } from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type AppWorld, PHONE, startAppWorld } from './testing/app-world.ts'
import { phone } from './testing/phone-screen.ts'
import { unsavedText } from './testing/unsaved-text.ts'

const DRAFT = 'White powder on the lower leaves'
const NOTE = 'Note'
const ARRIVES = { timeout: 20_000 }

describe('forms', () => {
  let world: AppWorld
  let browser: TestBrowser
  let tab: Tab
  beforeAll(async () => {
    world = await startAppWorld((await testDatabase()).serverEnv)
    browser = await startBrowser()
    tab = await browser.open(`${world.server.url}/app/`)
    await phone(tab).setUp()
    await phone(tab).draft(DRAFT, 'Block 7')
    await phone(tab).syncNow()
    await phone(tab).badge('Up to date')
  }, 300_000)
  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
  })

  const arrived = async (other: FieldsyncClient, id: string) => {
    await other.sync()
    return (await other.record('observation', id))?.document
  }
  const field = (of: Tab, label: string) => of.getByLabel(label, { exact: true })
  const onDevice = (text: string) =>
    expect.poll(() => unsavedText(tab, `unsaved-note-${PHONE.deviceId}-obs`), ARRIVES).toContain(text)

  it('[APP-2] keep what is typed in an edit or a correction over back, reload and a crash', async () => {
    await tab.getByRole('link', { name: DRAFT }).click()
    await phone(tab).button('Edit')
    await field(tab, NOTE).fill('typed and not saved')
    await tab.goBack()
    await phone(tab).button('Edit')
    await tab.getByText('unsaved changes from earlier').waitFor()
    expect(await field(tab, NOTE).inputValue()).toBe('typed and not saved')
    expect(await pageFindings(tab)).toEqual([])
    await field(tab, NOTE).fill('typed, and the page is loaded again')
    await tab.reload()
    await expect
      .poll(() => field(tab, NOTE).inputValue(), ARRIVES)
      .toBe('typed, and the page is loaded again')
    await phone(tab).button('Discard and start over')
    expect(await field(tab, NOTE).inputValue()).toBe(DRAFT)
    await phone(tab).button('Save and confirm')

    await phone(tab).button('Correct')
    const form = tab.url()
    await field(tab, NOTE).fill('typed before the crash')
    await tab.getByLabel('Reason for the correction').fill('my own reason')
    await onDevice('my own reason')
    await browser.crash(tab)
    await tab.close()
    tab = await browser.open(form)
    await expect.poll(() => field(tab, NOTE).inputValue(), ARRIVES).toBe('typed before the crash')
    expect(await tab.getByLabel('Reason for the correction').inputValue()).toBe('my own reason')
  }, 120_000)

  it('[APP-3] of two tabs stay apart, and what a closed tab left is offered', async () => {
    const second = await browser.open(tab.url())
    await field(second, NOTE).waitFor()
    expect(await field(second, NOTE).inputValue()).toBe(DRAFT)
    await field(second, NOTE).fill('typed in the second tab')
    await onDevice('typed in the second tab')
    await tab.bringToFront()
    await tab.reload()
    await expect.poll(() => field(tab, NOTE).inputValue(), ARRIVES).toBe('typed before the crash')
    await phone(tab).button('Discard and start over')
    await second.close()
    await tab.reload()
    await expect.poll(() => field(tab, NOTE).inputValue(), ARRIVES).toBe('typed in the second tab')
  }, 120_000)

  it('[APP-1, ENG-37] show what others change meanwhile, and undo nothing of it', async () => {
    const other = await world.otherDevice()
    await other.sync()
    const [view] = await other.records('observation')
    if (view === undefined) throw new Error('the note did not arrive')
    await phone(tab).button('Discard and start over')
    await field(tab, NOTE).fill('Powdery mildew on the lower leaves')
    await other.correct(view.id, { extraction: { severity: 'high' } }, 'looked with a lens')
    await other.sync()
    await tab.getByText('Changed by someone else in the meantime: Severity').waitFor()
    expect(await tab.getByRole('radio', { name: 'High' }).isChecked()).toBe(true)
    await other.correct(view.id, { rawNoteText: 'Rust' }, 'it is rust')
    await other.sync()
    await tab.getByText('Note: changed by someone else too').waitFor()
    await tab.getByText('New version: Rust').waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await phone(tab).button('Keep mine')
    await tab.getByLabel('Reason for the correction').fill('saw it again')
    await phone(tab).button('Save correction')
    await tab.getByText('saw it again', { exact: false }).waitFor()
    await phone(tab).syncNow()
    await expect
      .poll(() => arrived(other, view.id), ARRIVES)
      .toMatchObject({
        rawNoteText: 'Powdery mildew on the lower leaves',
        extraction: { severity: 'high' },
        correction: { reason: 'saw it again' },
      })

    // The same field, saved without a decision: a conflict with the reason that was given, and nothing is lost.
    await tab.getByRole('link', { name: 'Powdery mildew' }).click()
    await phone(tab).button('Correct')
    await tab.getByRole('radio', { name: 'Moderate' }).click()
    await tab.getByLabel('Reason for the correction').fill('not that bad')
    await other.correct(view.id, { extraction: { severity: 'low' } }, 'hardly any')
    await other.sync()
    await tab.getByText('Severity: changed by someone else too').waitFor()
    await phone(tab).button('Save correction')
    await tab.getByRole('button', { name: 'Use mine' }).waitFor()
    expect(await tab.getByLabel('Reason for your correction').inputValue()).toBe('not that bad')
    await phone(tab).button('Use mine')
    await phone(tab).syncNow()
    await expect
      .poll(() => arrived(other, view.id), ARRIVES)
      .toMatchObject({
        extraction: { severity: 'moderate' },
        correction: { reason: 'not that bad' },
      })
    await other.stop()
  }, 120_000)

  it('[STO-15, APP-9] work on where the browser closes the small database, or fails to open it', async () => {
    await tab.addInitScript(() => {
      const open = Reflect.get(IDBFactory.prototype, 'open')
      const opened: IDBDatabase[] = []
      Object.assign(globalThis, { opened })
      IDBFactory.prototype.open = function (name, version) {
        const fails = Number(sessionStorage.getItem('fails'))
        if (name === 'fieldsync-app' && fails > 0) {
          sessionStorage.setItem('fails', String(fails - 1))
          throw new DOMException('backing store', 'UnknownError')
        }
        const asked = version === undefined ? open.call(this, name) : open.call(this, name, version)
        asked.addEventListener('success', () => opened.push(asked.result))
        return asked
      }
    })
    await tab.goto(`${world.server.url}/app/new`)
    await field(tab, NOTE).fill('one')
    const stored = (text: string) =>
      expect.poll(() => unsavedText(tab, `unsaved-note-${PHONE.deviceId}#`), ARRIVES).toContain(text)
    await stored('one')
    await tab.evaluate(() => {
      const { opened } = globalThis as unknown as { opened: IDBDatabase[] }
      for (const database of opened) if (database.name === 'fieldsync-app') database.close()
    })
    await field(tab, NOTE).fill('one two')
    await stored('one two')

    const failNext = (times: number) =>
      tab.evaluate((fails) => sessionStorage.setItem('fails', String(fails)), times)
    await failNext(1)
    await tab.reload()
    await expect.poll(() => field(tab, NOTE).inputValue(), ARRIVES).toBe('one two')
    await failNext(9)
    await tab.reload()
    await tab.getByText('The app’s settings could not be read').waitFor()
    expect(await tab.getByLabel('Device name').count()).toBe(0)
    expect(await pageFindings(tab)).toEqual([])
    await failNext(0)
    await phone(tab).button('Try again')
    await expect.poll(() => field(tab, NOTE).inputValue(), ARRIVES).toBe('one two')
  }, 120_000)

  it('[APP-8] are not needed to rescue what lies in a store that does not open', async () => {
    const broken = await browser.open('about:blank')
    await broken.addInitScript(() => {
      // As Firefox before 126, which cannot list databases.
      Object.defineProperty(IDBFactory.prototype, 'databases', { value: undefined })
      const open = Reflect.get(IDBFactory.prototype, 'open')
      IDBFactory.prototype.open = function (name, version) {
        const cause = sessionStorage.getItem('cause')
        if (cause !== null && name.startsWith('fieldsync-dev') && version !== undefined) {
          throw new DOMException('boom', cause)
        }
        return version === undefined ? open.call(this, name) : open.call(this, name, version)
      }
    })
    await broken.goto(`${world.server.url}/app/`)
    for (const [cause, words] of [
      ['QuotaExceededError', 'not enough storage'],
      ['VersionError', 'A newer version of the app'],
      ['NotReadableError', 'is damaged'],
      ['UnknownError', 'access to its storage'],
    ] as const) {
      await broken.evaluate((name) => sessionStorage.setItem('cause', name), cause)
      await broken.reload()
      await broken.getByText(words).first().waitFor()
    }
    expect(await pageFindings(broken)).toEqual([])
    await broken.getByText('Cause: UnknownError: boom').waitFor()
    await broken.getByRole('button', { name: 'Settings' }).last().click()
    await broken.getByRole('radio', { name: 'Dark' }).waitFor()
    // Who comes here first sees why, too.
    await broken.reload()
    await broken.getByText('Cause: UnknownError: boom').waitFor()
    await broken.getByRole('radio', { name: 'Dark' }).waitFor()
    expect(await pageFindings(broken)).toEqual([])
    const [file] = await Promise.all([broken.waitForEvent('download'), phone(broken).button('Export')])
    const text = readFileSync(await file.path(), 'utf8')
    expect(text).toContain('Powdery mildew on the lower leaves')
    expect(text).not.toContain(PHONE.token)
    await broken.evaluate(() => sessionStorage.clear())
    await phone(broken).button('Try again')
    await broken.getByText('Save connection').waitFor()
  }, 120_000)
})
