import { type Language, preferredLanguage } from '@fieldsync/messages'
import type { Tab, TestBrowser } from '@fieldsync/testkit/browser'

import { textsIn } from '../messages/messages.ts'
import { unsavedText } from './unsaved-text.ts'

/** Ways to leave a form in which something is typed. */
export type Leave = 'reload' | 'back' | 'close' | 'crash'

const ARRIVES = { timeout: 30_000 }

/** A person at an app that may die under them: what they do and read, in their own language. */
export class Person {
  readonly t: ReturnType<typeof textsIn>['t']
  readonly #browser: TestBrowser
  readonly #app: string
  readonly #deviceId: string
  #tab: Tab

  private constructor(browser: TestBrowser, tab: Tab, app: string, language: Language, deviceId: string) {
    this.t = textsIn(language, 'metric').t
    this.#browser = browser
    this.#tab = tab
    this.#app = app
    this.#deviceId = deviceId
  }

  /** Sets a device up. @param language as a browser says it */
  static async at(
    browser: TestBrowser,
    { app, language, deviceId, token }: { app: string; language: string; deviceId: string; token: string },
  ): Promise<Person> {
    const tab = await browser.open(app)
    const person = new Person(browser, tab, app, preferredLanguage([language]), deviceId)
    await person.field('setup.deviceId').fill(deviceId)
    await person.field('setup.token').fill(token)
    await person.press('setup.action')
    await tab.getByRole('banner').getByText(person.t('link.idle')).waitFor(ARRIVES)
    return person
  }

  get tab(): Tab {
    return this.#tab
  }

  field(label: Words) {
    return this.#tab.getByLabel(this.t(label), { exact: true })
  }

  button(label: Words) {
    return this.#tab.getByRole('button', { name: this.t(label), exact: true })
  }

  press(label: Words): Promise<void> {
    return this.button(label).click()
  }

  note(words: string) {
    return this.#tab.getByRole('link', { name: words })
  }

  /** Goes to a section of the app as a person does, without loading the page again. */
  section(place: '' | 'history' | 'playbook'): Promise<void> {
    return this.#tab.getByRole('navigation').locator(`a[href="/app/${place}"]`).click()
  }

  async go(place: string): Promise<void> {
    await this.#tab.goto(this.#app + place)
    await this.#tab.getByRole('main').waitFor()
  }

  /** Fills in a new note, up to its buttons. @param seenAt as the phone's clock shows it */
  async write(words: string, seenAt: string): Promise<void> {
    await this.field('field.rawNoteText').fill(words)
    for (const label of ['issue.other', 'severity.low'] as const)
      await this.#tab.getByRole('radio', { name: this.t(label), exact: true }).click()
    await this.#tab.getByRole('checkbox', { name: this.t('symptom.none_noted'), exact: true }).click()
    await this.field('field.observationTime').fill(seenAt)
  }

  /** What this device has of a new note that is not saved, past all that the app has in memory. */
  unsaved(): Promise<string> {
    return unsavedText(this.#tab, `unsaved-note-${this.#deviceId}`)
  }

  /** Whatever the app is at ends here. */
  async interrupt(how: Leave): Promise<void> {
    if (how === 'reload') await this.#tab.reload()
    if (how === 'back') await this.#tab.goBack()
    if (how === 'crash') await this.#browser.crash(this.#tab)
    if (how === 'close' || how === 'crash') {
      await this.#tab.close()
      this.#tab = await this.#browser.open(this.#app)
    }
  }
}

/** The name of a text that needs no values. */
type Words = Parameters<Person['t']>[0] & NoValues
type NoValues =
  | `setup.${'deviceId' | 'token' | 'action'}`
  | `field.${string}`
  | `note.${'save' | 'saveConfirm' | 'saveCorrection' | 'reason'}`
  | `detail.${'edit' | 'confirm' | 'correct'}`
  | `value.${'apply' | 'reason'}`
  | `home.${'newNote' | 'syncNow'}`
