import type { Tab } from '@fieldsync/testkit/browser'

import { PHONE } from './app-world.ts'

/** What a person does on the app's screens, by the words that they read there. */
export const phone = (tab: Tab) => {
  const button = (name: string | RegExp) => tab.getByRole('button', { name }).click()
  const section = (name: RegExp) => tab.getByRole('navigation').getByRole('link', { name }).click()
  const choose = async ({ issue = 'Other', severity = 'Low', symptom = 'none noted' } = {}) => {
    await tab.getByRole('radio', { name: issue }).click()
    await tab.getByRole('radio', { name: severity }).click()
    await tab.getByRole('checkbox', { name: symptom }).click()
  }
  return {
    button,
    section,
    /** What nobody but the person can say of a note. */
    choose,
    setUp: async ({ deviceId, token }: { deviceId: string; token: string } = PHONE) => {
      await tab.getByLabel('Device name').fill(deviceId)
      await tab.getByLabel('Device token').fill(token)
      await button('Continue')
      await tab.getByRole('button', { name: 'Sync now' }).waitFor()
    },
    /** A draft, with nothing but its words, its block and what has to be chosen. */
    draft: async (text: string, block: string) => {
      await button('New note')
      await tab.getByLabel('Note', { exact: true }).fill(text)
      await tab.getByRole('textbox', { name: 'Block' }).fill(block)
      await choose()
      await button('Save as draft')
      await tab.getByRole('link', { name: text }).waitFor()
    },
    /** Another connection, in the settings. */
    connect: async ({ deviceId, token }: { deviceId: string; token: string }) => {
      await tab.getByLabel('Settings').click()
      await tab.getByLabel('Device name').fill(deviceId)
      await tab.getByLabel('Device token').fill(token)
      await button('Save connection')
    },
    syncNow: async () => {
      await section(/^Home/)
      await button('Sync now')
    },
    /** Waits until the badge at the top says so. */
    badge: (text: string) => tab.getByRole('banner').getByText(text).waitFor(),
  }
}
