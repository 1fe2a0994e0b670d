import { runProgram, startServer, testDatabase } from '@fieldsync/testkit'
import { pageFindings, startBrowser } from '@fieldsync/testkit/browser'
import { afterAll, expect, it } from 'vitest'

import { invite, isIn, PASSWORD } from './testing/people.ts'

const env = {
  ...(await testDatabase()).serverEnv,
  PEPPER: 'the pepper of a first start in tests, long enough',
  DEVICE_TOKENS: 'ws_ridge/dev_scout#scout=pre-shared-token-of-the-scout',
}
const server = await startServer({ env })
const [browser, other] = [await startBrowser(), await startBrowser()]
afterAll(async () => {
  for (const each of [browser, other, server]) await each[Symbol.asyncDispose]()
})

it('[APP-76, APP-77] the first person comes by a link from the server, and invites the next', async () => {
  const tab = await browser.open(server.url)
  await tab.getByText('Nobody has an account on this server yet.').waitFor()
  await expect.poll(() => tab.getByLabel('Email', { exact: true }).count()).toBe(0)
  expect(await pageFindings(tab)).toEqual([])

  const command = ['user', 'create-admin', 'ws_ridge', '--server', server.url, '--json']
  const { code, stdout, stderr } = await runProgram('cli/main.ts', command, env)
  expect([code, stderr]).toEqual([0, ''])
  const { link } = JSON.parse(stdout) as { link: string }
  await tab.goto(link)
  await tab.getByText('You are invited to ws_ridge as Administrator.').waitFor()
  await tab.getByText('You create the first account on this server').waitFor()
  expect(tab.url()).toBe(`${server.url}/`)
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByLabel('Name', { exact: true }).fill('Rosa Vidal')
  await tab.getByLabel('Email', { exact: true }).fill('rosa')
  await tab.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await tab.getByRole('button', { name: 'Create account' }).press('Enter')
  await tab.getByText('Enter an email address').waitFor()
  await tab.getByLabel('Email', { exact: true }).fill('rosa@farm.example')
  await tab.getByRole('button', { name: 'Create account' }).press('Enter')
  await isIn(tab, 'Rosa Vidal')
  await tab.getByRole('heading', { name: 'Overview' }).waitFor()

  // From now on people sign in; the link is used up.
  const second = await other.open(server.url)
  await second.getByLabel('Email', { exact: true }).waitFor()
  await second.goto(link)
  await second.getByText('This link is no longer valid').waitFor()
  await tab.goto(`${server.url}/people`)
  const invitation = await invite(tab, 'sam@farm.example', 'Scout')
  await second.goto(invitation)
  await second.getByText('as Scout').waitFor()
  await expect.poll(() => second.getByText('You create the first account').count()).toBe(0)
})
