import { createHmac } from 'node:crypto'

import type { Tab, TestBrowser } from '@fieldsync/testkit/browser'

export const PASSWORD = 'rows of vines in the fog'

/** Signs a person in on the sign-in page, in English. */
export async function signInAs(tab: Tab, email: string, password = PASSWORD): Promise<void> {
  await tab.getByLabel('Email', { exact: true }).fill(email)
  await tab.getByLabel('Password', { exact: true }).fill(password)
  await tab.getByLabel('Password', { exact: true }).press('Enter')
}

/** Invites a person on the page of people, and gives the link. */
export async function invite(tab: Tab, email: string, role: string): Promise<string> {
  const dialog = tab.getByRole('dialog')
  await tab.getByRole('button', { name: 'Invite person' }).press('Enter')
  await dialog.getByLabel('Email', { exact: true }).fill(email)
  await dialog.getByLabel('Role').selectOption({ label: role })
  await dialog.getByRole('button', { name: 'Create invitation' }).press('Enter')
  const link = (await dialog.getByTestId('person-link').textContent())?.trim() ?? ''
  await dialog.getByRole('button', { name: 'Done' }).press('Enter')
  await dialog.getByRole('button', { name: 'Close without copying' }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
  return link
}

/** Opens an invitation in a browser of its own, and creates the account. */
export async function accept(browser: TestBrowser, link: string, name: string): Promise<Tab> {
  const tab = await browser.open(link)
  await tab.getByLabel('Name', { exact: true }).fill(name)
  await tab.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await tab.getByRole('button', { name: 'Create account' }).press('Enter')
  await isIn(tab, name)
  return tab
}

/** Waits until the page says that this person is signed in. */
export const isIn = (tab: Tab, name: string): Promise<void> =>
  tab.locator('.who', { hasText: name }).waitFor()

const STEP_MS = 30_000

/** The code that an authenticator app shows for a secret in base32 (RFC 6238), some steps from now. */
export function totp(secret: string, steps = 0): string {
  const bits = [...secret.replaceAll(/[\s=]/g, '').toUpperCase()]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [])
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS) + steps))
  const digest = createHmac('sha1', key).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
