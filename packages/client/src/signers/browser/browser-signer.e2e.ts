import path from 'node:path'

import {
  bundlePage,
  type PageServer,
  servePage,
  startBrowser,
  type TestBrowser,
} from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { DeviceSigner } from '../../credentials/device-signer.ts'
import { verifiesItself } from '../../testing/verifies-itself.ts'

/** A name that leads to this machine, but that a browser trusts no more than any other without HTTPS. */
const UNTRUSTED = 'vineyard.test'

describe('[ENG-71] the key of a device in Chromium', () => {
  let server: PageServer
  let browser: TestBrowser
  beforeAll(async () => {
    server = await servePage(await bundlePage(path.join(import.meta.dirname, 'testing/signer-page.ts')))
    browser = await startBrowser({ profile: true })
  })
  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  it.each([
    ['platform', 'trusts', () => server.origin],
    ['software', 'does not trust', () => `http://${UNTRUSTED}:${server.port}/`],
  ] as const)(
    'is one of the %s in a page that the browser %s, one for all tabs',
    async (storage, _, address) => {
      const tabs = [await browser.open(address()), await browser.open(address())]
      const created = await Promise.all(tabs.map((tab) => tab.evaluate(() => signerPage.publicKey('both'))))
      const [{ jwk } = { jwk: undefined }] = created
      expect(created).toEqual([
        { storage, jwk },
        { storage, jwk },
      ])
      for (const tab of tabs) {
        await tab.reload()
        const signer: DeviceSigner = {
          storage,
          publicKeyJwk: async () => (await tab.evaluate(() => signerPage.publicKey('both'))).jwk,
          sign: async (data) =>
            new Uint8Array(await tab.evaluate((bytes) => signerPage.sign('both', bytes), [...data])),
        }
        expect(await signer.publicKeyJwk()).toEqual(jwk)
        expect(await verifiesItself(signer)).toBe(true)
      }
    },
  )

  it('cannot be read out of the storage where it is one of the platform', async () => {
    const tab = await browser.open(server.origin)
    await tab.evaluate(() => signerPage.publicKey('one to steal'))
    const outcomes = await tab.evaluate(() => signerPage.steal())
    expect(outcomes.length).toBeGreaterThanOrEqual(2)
    for (const outcome of outcomes) expect(outcome).toMatch(/^InvalidAccessError/)
  })
})
