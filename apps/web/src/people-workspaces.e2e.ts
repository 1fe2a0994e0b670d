import { pageFindings, startBrowser } from '@fieldsync/testkit/browser'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'
import { signInOn } from './testing/farm.ts'
import { accept, invite, isIn, PASSWORD, signInAs } from './testing/people.ts'

const { farm, browser, database, signIn } = await consoleWorld()

async function browserOf() {
  const own = await startBrowser()
  onTestFinished(() => own[Symbol.asyncDispose]())
  return own
}

async function connected(url: string) {
  const client = new pg.Client(url)
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}

/** An invitation by an admin's device of one of the two workspaces. */
async function invitation(email: string, role: string, token: string): Promise<string> {
  const tab = await browser.open(`${farm.origin}/people`)
  await tab.getByText('Sign in with a device token or link').or(tab.getByText('With a token')).first().click()
  await signInOn(tab, token)
  const link = await invite(tab, email, role)
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await tab.close()
  return link
}

it('[APP-77, APP-78] a person joins a second workspace as who they are, and each tab stays in its own', async () => {
  const email = 'eva@farm.example'
  const eva = await browserOf()
  const tab = await accept(eva, await invitation(email, 'Agronomist', farm.callers.admin.token), 'Eva Sosa')
  await tab.getByText('ws_ridge').first().waitFor()
  const second = await invitation(email, 'Viewer', farm.neighbor.token)

  // Somebody else's browser: the account's password is asked for first.
  const other = await (await browserOf()).open(second)
  await other.getByText(`There is already an account for ${email}.`).waitFor()
  expect(await pageFindings(other)).toEqual([])
  await other.close()

  const valley = await eva.open(second)
  await valley.getByRole('button', { name: 'Accept as Eva Sosa' }).press('Enter')
  await isIn(valley, 'Viewer')
  const choice = valley.getByLabel('Workspace')
  await expect.poll(() => choice.inputValue()).toBe('ws_valley')
  await tab.reload()
  await isIn(tab, 'Agronomist')
  await expect.poll(() => tab.getByLabel('Workspace').inputValue()).toBe('ws_ridge')
  await tab.goto(`${farm.origin}/playbooks/pbk_yolo_grape`)
  await tab.getByText('A windy week').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  const named: (string | undefined)[] = []
  tab.on('request', (request) => {
    if (request.url().includes('/trpc/')) named.push(request.headers()['x-workspace-id'])
  })
  await tab.getByLabel('Workspace').selectOption('ws_valley')
  await isIn(tab, 'Viewer')
  await tab.getByRole('heading', { name: 'Overview' }).waitFor()
  await tab.getByRole('link', { name: 'Playbooks', exact: true }).click()
  await tab.getByRole('heading', { name: 'Playbooks' }).waitFor()
  await tab.getByRole('main').getByRole('link').first().click()
  await tab.getByText('Only one version so far.').waitFor()
  await expect.poll(() => tab.getByText('A windy week').count()).toBe(0)
  expect(new Set(named)).toEqual(new Set(['ws_valley']))
})

it('[APP-77] an invitation of somebody else is refused to who is signed in, and theirs after they have signed out', async () => {
  const fay = await browserOf()
  const link = await invitation('fay@farm.example', 'Scout', farm.callers.admin.token)
  const tab = await accept(fay, link, 'Fay Okoro')
  await tab.goto(await invitation('gus@farm.example', 'Scout', farm.callers.admin.token))
  await tab.getByText('This invitation is for another person (gus@farm.example)').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await tab.getByLabel('Name', { exact: true }).waitFor()
  await tab.getByRole('button', { name: 'Not now' }).click()
  await tab.getByLabel('Email', { exact: true }).waitFor()
})

it('[APP-77, APP-82] a forgotten password is replaced by a link from an administrator, once', async () => {
  const email = 'hugo@farm.example'
  const hugo = await browserOf()
  const link = await invitation(email, 'Scout', farm.callers.admin.token)
  const first = await accept(hugo, link, 'Hugo Meyer')
  const admin = await signIn('admin', '/people')
  await admin.getByRole('link', { name: 'Hugo Meyer' }).click()
  await admin.getByRole('button', { name: 'Password link' }).click()
  const dialog = admin.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Create link' }).click()
  const reset = (await dialog.getByTestId('person-link').textContent())?.trim() ?? ''
  expect(await pageFindings(admin)).toEqual([])
  await admin.close()

  const tab = await (await browserOf()).open(reset)
  await tab.getByLabel('New password').waitFor()
  expect(tab.url()).toBe(`${farm.origin}/`)
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByLabel('New password').fill('another row of old vines')
  await tab.getByRole('button', { name: 'Set password' }).press('Enter')
  await tab.getByText('Your new password is set.').waitFor()
  await tab.getByRole('button', { name: 'Sign in' }).press('Enter')
  await signInAs(tab, email, PASSWORD)
  await tab.getByText('Email or password is wrong.').waitFor()
  await signInAs(tab, email, 'another row of old vines')
  await isIn(tab, 'Hugo Meyer')
  // Whoever had the former password is out.
  await first.getByRole('link', { name: 'Syncs', exact: true }).click()
  await first.getByText('Your session has ended.').waitFor()
  await first.goto(reset)
  await first.getByLabel('New password').fill('another row of old vines')
  await first.getByRole('button', { name: 'Set password' }).press('Enter')
  await first.getByText('This link is no longer valid').waitFor()
})

it('[APP-79] a change after a while asks who it is, over the form, and is then carried out', async () => {
  const email = 'ines@farm.example'
  const own = await browserOf()
  const link = await invitation(email, 'Administrator', farm.callers.admin.token)
  const tab = await accept(own, link, 'Ines Roth')
  await using db = await connected(database.superuserUrl)
  await db.query(`UPDATE person_sessions SET authenticated_at = authenticated_at - interval '16 minutes'`)
  await tab.goto(`${farm.origin}/people`)
  await tab.getByRole('button', { name: 'Invite person' }).click()
  const form = tab.getByRole('dialog', { name: 'Invite person' })
  await form.getByLabel('Email', { exact: true }).fill('jon@farm.example')
  await form.getByRole('button', { name: 'Create invitation' }).press('Enter')
  const question = tab.getByRole('dialog', { name: 'Confirm that it is you' })
  await question.getByLabel('Password', { exact: true }).waitFor()
  expect(await pageFindings(tab)).toEqual([])
  // Who declines finds the form as it was.
  await tab.keyboard.press('Escape')
  await question.waitFor({ state: 'detached' })
  await form.getByText('Confirm that it is you: enter your password again.').waitFor()
  await expect.poll(() => form.getByLabel('Email', { exact: true }).inputValue()).toBe('jon@farm.example')
  await form.getByRole('button', { name: 'Create invitation' }).press('Enter')
  await question.getByLabel('Password', { exact: true }).fill('not the password at all')
  await question.getByRole('button', { name: 'Confirm' }).press('Enter')
  await question.getByText('Wrong password.').waitFor()
  await question.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await question.getByRole('button', { name: 'Confirm' }).press('Enter')
  await tab.getByTestId('person-link').waitFor()
})
