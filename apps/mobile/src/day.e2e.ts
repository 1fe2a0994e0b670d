import { createFieldsyncClient, deviceToken } from '@fieldsync/client'
import { fromZoned } from '@fieldsync/messages'
import { testDatabase } from '@fieldsync/testkit'
import { pageFindings, startBrowser } from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ADMIN, type AppWorld, OTHER, PHONE, SCOUT, startAppWorld, VIEWER } from './testing/app-world.ts'
import { type Leave, Person } from './testing/person.ts'
import { phone } from './testing/phone-screen.ts'

const SEEN_AT = '2026-02-11 10:30'
const ARRIVES = { timeout: 30_000 }

type Row = {
  readonly who: { readonly deviceId: string; readonly token: string }
  readonly mayPatch: boolean
  readonly timeZone: string
  readonly language: string
  /** How the form is left before the note is saved, and while it is. */
  readonly before: Leave
  readonly during: Leave
}

/**
 * Each zone, each language, each way to leave before a save and during one, each role that writes. Not each with each: the
 * zone alone says how a typed time is read, and a form is kept in the same way whoever writes.
 */
const WRITERS: readonly Row[] = [
  {
    who: PHONE,
    mayPatch: true,
    timeZone: 'America/Los_Angeles',
    language: 'en-US',
    before: 'reload',
    during: 'crash',
  },
  {
    who: SCOUT,
    mayPatch: false,
    timeZone: 'America/Los_Angeles',
    language: 'es-US',
    before: 'crash',
    during: 'reload',
  },
  {
    who: ADMIN,
    mayPatch: true,
    timeZone: 'America/Argentina/Mendoza',
    language: 'es-AR',
    before: 'back',
    during: 'close',
  },
  {
    who: SCOUT,
    mayPatch: false,
    timeZone: 'Asia/Kolkata',
    language: 'en-IN',
    before: 'close',
    during: 'crash',
  },
]

describe('a day’s work', () => {
  let world: AppWorld
  beforeAll(async () => {
    world = await startAppWorld((await testDatabase()).serverEnv)
  }, 300_000)
  afterAll(() => world[Symbol.asyncDispose]())

  const app = () => `${world.server.url}/app/`
  const stored = async (text: string) => {
    const { api } = createFieldsyncClient({ url: world.server.url, credentials: deviceToken(OTHER.token) })
    return (await api.observations.list.query({ text })).items
  }

  it.each(WRITERS)(
    '[APP-2, APP-11, APP-16] of $who.deviceId in $timeZone ($language) is done once, with $before before a save and $during at it',
    async ({ who, mayPatch, timeZone, language, before, during }) => {
      await using browser = await startBrowser({ timeZone, language })
      const self = await Person.at(browser, { app: app(), language, ...who })
      const words = `Leaf ${WRITERS.findIndex((row) => row.timeZone === timeZone && row.language === language)}`

      await self.press('home.newNote')
      await self.write(words, SEEN_AT)
      // A tab that dies takes the last moment with it; any other leaves nothing behind.
      if (before === 'close' || before === 'crash')
        await expect.poll(() => self.unsaved(), ARRIVES).toContain(SEEN_AT)
      await self.interrupt(before)
      // Only a page that is loaded again is still at the form.
      if (before !== 'reload') await self.press('home.newNote')
      await expect.poll(() => self.field('field.rawNoteText').inputValue(), ARRIVES).toBe(words)
      expect(await self.field('field.observationTime').inputValue()).toBe(SEEN_AT)

      // Whenever the app ends at the save, the note is there or is offered again, and never both.
      await self.press('note.save')
      await self.interrupt(during)
      await self.go('new')
      await self.field('field.rawNoteText').waitFor()
      if ((await self.field('field.rawNoteText').inputValue()) !== '') {
        await self.press('note.save')
        await self.button('home.newNote').waitFor()
      }
      await self.section('history')
      await self.note(words).waitFor()
      expect(await self.note(words).count()).toBe(1)

      await self.note(words).click()
      await self.press('detail.edit')
      await self.field('field.rawNoteText').fill(`${words}, looked again`)
      await self.press('note.saveConfirm')
      await self.press('detail.correct')
      await self.field('field.rawNoteText').fill(`${words}, with a lens`)
      await self.field('note.reason').fill(`${words} was small`)
      await self.press('note.saveCorrection')
      await self.tab.getByText(`${words} was small`).waitFor()
      await self.section('')
      await self.press('home.syncNow')
      await expect
        .poll(async () => (await stored(words)).map((note) => note.rawNoteText), ARRIVES)
        .toEqual([`${words}, with a lens`])
      const [note] = await stored(words)
      expect(note).toMatchObject({ deviceId: who.deviceId, correction: { reason: `${words} was small` } })
      const seen = Date.parse(note?.extraction.observationTime ?? '')
      expect(new Date(seen).toISOString()).toBe(
        new Date(fromZoned(SEEN_AT.replace(' ', 'T'), timeZone)).toISOString(),
      )

      await self.section('playbook')
      const wind = self.tab.getByText(self.t('field.maxWindKph'), { exact: true }).first()
      await wind.waitFor()
      const change = self.tab.getByRole('link', { name: self.t('field.maxWindKph') })
      expect((await change.count()) > 0).toBe(mayPatch)
    },
    180_000,
  )

  it('[APP-16, ACC-7] of a viewer in America/Argentina/Mendoza (en-GB) is reading, at every address', async () => {
    await using browser = await startBrowser({ timeZone: 'America/Argentina/Mendoza', language: 'en-GB' })
    const self = await Person.at(browser, { app: app(), language: 'en-GB', ...VIEWER })
    await self.section('history')
    await self.note('Leaf 1').click()
    await self.tab.getByText(self.t('detail.notYours')).waitFor()
    expect(await self.button('detail.correct').count()).toBe(0)
    const { pathname } = new URL(self.tab.url())
    await self.go(`${pathname.replace('/app/', '')}/correct`)
    await self.tab.getByText(self.t('note.notYours.title')).waitFor()
    await self.go('new')
    await self.tab.getByText(self.t('note.readOnly.title')).waitFor()
    const pointer = '/rules/rule_pm_moderate/constraints/maxWindKph'
    await self.go(`playbook/pbk_yolo_grape/${encodeURIComponent(pointer)}`)
    await self.tab.getByText(self.t('value.notYours.text')).waitFor()
    expect(await self.button('value.apply').count()).toBe(0)
  }, 120_000)

  it('[APP-2, APP-16] of a scout goes on where the role changes in another tab, with what was typed', async () => {
    await using browser = await startBrowser()
    const self = await Person.at(browser, { app: app(), language: 'en-US', ...SCOUT })
    let role = 'scout'
    // All tabs of this browser get the same answer.
    await self.tab.context().route(/session\.get/, async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replaceAll('"scout"', `"${role}"`) })
    })
    await self.press('home.newNote')
    await self.write('Typed by a scout', SEEN_AT)
    const other = await browser.open('about:blank')
    await other.clock.install()
    await other.goto(app())
    const hear = async (next: string) => {
      role = next
      await other.bringToFront()
      await other.clock.fastForward('01:10')
      await other.getByRole('button', { name: self.t('home.syncNow') }).click()
      await self.tab.bringToFront()
    }
    await hear('viewer')
    await self.tab.getByText(self.t('form.locked')).waitFor(ARRIVES)
    expect(await self.button('note.save').count()).toBe(0)
    expect(await self.field('field.rawNoteText').inputValue()).toBe('Typed by a scout')
    expect(await pageFindings(self.tab)).toEqual([])
    await hear('scout')
    await self.press('note.save')
    await self.note('Typed by a scout').waitFor()
  }, 120_000)

  it('[APP-2, ENG-35] of one device is not offered to another that a second tab takes, and is there again', async () => {
    await using browser = await startBrowser()
    const self = await Person.at(browser, { app: app(), language: 'en-US', ...PHONE })
    const other = await browser.open(app())
    await self.tab.bringToFront()
    await self.press('home.newNote')
    const words = self.field('field.rawNoteText')
    await words.fill('For this device alone')
    await other.bringToFront()
    await phone(other).connect(SCOUT)
    await expect.poll(() => words.inputValue(), ARRIVES).toBe('')
    await other.getByLabel('Device name').fill(PHONE.deviceId)
    await other.getByLabel('Device token').fill(PHONE.token)
    await phone(other).button('Save connection')
    await expect.poll(() => words.inputValue(), ARRIVES).toBe('For this device alone')
  }, 120_000)
})
