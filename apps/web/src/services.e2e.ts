import { pageFindings, type Tab } from '@fieldsync/testkit/browser'
import { expect, it } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'

const { farm, signIn } = await consoleWorld()

/** What `/oauth/token` answers a program with this secret. */
async function tokenFor(secret: string, scope: string): Promise<Response> {
  const basic = Buffer.from(`${encodeURIComponent('ws_ridge/dev_svc_erp')}:${encodeURIComponent(secret)}`)
  return await fetch(`${farm.origin}/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${basic.toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  })
}

const secretOf = async (tab: Tab): Promise<string> =>
  (await tab.getByRole('dialog').getByTestId('secret').textContent())?.trim() ?? ''

it('[APP-97] only admins find the services', async () => {
  const tab = await signIn('agronomist', '/services')
  await tab.getByText('Only administrators can see and change services.').waitFor()
  await expect.poll(() => tab.getByRole('navigation').getByText('Services').count()).toBe(0)
  await expect.poll(() => tab.getByRole('button', { name: 'Create service' }).count()).toBe(0)
  expect(await pageFindings(tab)).toEqual([])
  await tab.goto(`${farm.origin}/services/dev_svc_erp`)
  await tab.getByText('Only administrators can see and change services.').waitFor()
  await tab.close()
})

it('[APP-97, SVC-1, SVC-5, SVC-6, SVC-7] a service is created, changed, rotated and revoked, by the keyboard', async () => {
  const tab = await signIn('admin', '/')
  const [main, dialog] = [tab.getByRole('main'), tab.getByRole('dialog')]
  await tab.getByRole('navigation').getByRole('link', { name: 'Services', exact: true }).press('Enter')
  await main.getByText('No services').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await main.getByRole('button', { name: 'Create service' }).press('Enter')
  await dialog.getByLabel('Service name').press('Enter')
  await dialog.getByText(/^Use dev_svc_ followed/).waitFor()
  await dialog.getByLabel('Service name').fill('dev_svc_erp')
  await dialog.getByLabel('Create records').press('Space')
  await dialog.getByLabel('Find devices').fill('scout')
  await dialog.getByLabel('dev_scout').press('Space')
  expect(await pageFindings(tab)).toEqual([])
  await dialog.getByRole('button', { name: 'Create service' }).press('Enter')
  const secret = await secretOf(tab)
  expect((await tokenFor(secret, 'read')).status).toBe(200)
  expect(await pageFindings(tab)).toEqual([])
  // Nobody leaves without a copy by a slip (APP-47).
  await tab.keyboard.press('Escape')
  await dialog.getByRole('button', { name: 'Done' }).press('Enter')
  await dialog.getByText('You have not copied the secret.').waitFor()
  await dialog.getByRole('button', { name: 'Close without copying' }).press('Enter')
  await main.getByText('1 device', { exact: true }).waitFor()
  expect(await pageFindings(tab)).toEqual([])

  await main.getByRole('link', { name: 'dev_svc_erp' }).press('Enter')
  await main.getByText('ws_ridge/dev_svc_erp').waitFor()
  await main.getByRole('button', { name: 'Change access' }).press('Enter')
  await expect.poll(() => dialog.getByRole('button', { name: 'Save access' }).isDisabled()).toBe(true)
  await dialog.getByLabel('Read records').press('Space')
  await dialog.getByRole('button', { name: 'Save access' }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await main.getByText('Create records', { exact: true }).waitFor()
  expect((await tokenFor(secret, 'read')).status).toBe(400)

  await main.getByRole('button', { name: 'New key or secret' }).press('Enter')
  await dialog.getByLabel('Ends now').press('Space')
  expect(await pageFindings(tab)).toEqual([])
  await dialog.getByRole('button', { name: 'Create new one' }).press('Enter')
  const second = await secretOf(tab)
  expect((await tokenFor(second, 'sync')).status).toBe(200)
  expect((await tokenFor(secret, 'sync')).status).toBe(401)
  await dialog.getByRole('button', { name: 'Done' }).press('Enter')
  await dialog.getByRole('button', { name: 'Close without copying' }).press('Enter')

  await main.getByRole('button', { name: 'Revoke' }).press('Enter')
  await dialog.getByRole('button', { name: 'Revoke service' }).press('Enter')
  await main.getByText('Revoked', { exact: true }).first().waitFor()
  await expect.poll(() => main.getByRole('button').count()).toBe(0)
  expect((await tokenFor(second, 'sync')).status).toBe(401)
  expect(await pageFindings(tab)).toEqual([])
  await tab.close()
})

it('[APP-97] a service with a key gets no secret, and a private key is refused in the form', async () => {
  const tab = await signIn('admin', '/services')
  const dialog = tab.getByRole('dialog')
  const { publicKey, privateKey } = await crypto.subtle.generateKey(
    { name: 'ECDSA', namedCurve: 'P-256' },
    true,
    ['sign', 'verify'],
  )
  const jwk = async (key: CryptoKey) => JSON.stringify(await crypto.subtle.exportKey('jwk', key))
  await tab.getByRole('button', { name: 'Create service' }).click()
  await dialog.getByLabel('Service name').fill('dev_svc_station')
  await dialog.getByLabel('With a public key').check()
  await dialog.getByLabel('Public key (JWK)').fill(await jwk(privateKey))
  await dialog.getByRole('button', { name: 'Create service' }).click()
  await dialog.getByText(/^This is a private key/).waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await dialog.getByLabel('Public key (JWK)').fill(await jwk(publicKey))
  await dialog.getByRole('button', { name: 'Create service' }).click()
  await dialog.getByText('ws_ridge/dev_svc_station').waitFor()
  await expect.poll(() => dialog.getByTestId('secret').count()).toBe(0)
  await dialog.getByRole('button', { name: 'Done' }).press('Enter')
  await tab.getByRole('main').getByRole('link', { name: 'dev_svc_station' }).waitFor()
  await tab.close()
})
