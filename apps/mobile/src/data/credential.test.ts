import type { DeviceSigner } from '@fieldsync/client'
import { openSoftwareSigner } from '@fieldsync/client/signers/software'
import { memorySecrets } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { credentialOf } from './credential.ts'

const key = {
  clientId: 'ws_ridge/dev_anna',
  name: 'first',
  fingerprint: 'a key',
  storage: 'software',
} as const
const request = { method: 'GET', url: 'https://ours.example/v1/session', body: undefined }

it('proves a device with a token by it', async () => {
  const platform = { defaultServer: '', network: {}, openSigner: () => Promise.reject(new Error('no keys')) }
  const anna = credentialOf(platform, { server: 'https://ours.example', token: 'of anna', key: null })
  expect(await anna.headers(request)).toEqual({ 'x-device-token': 'of anna' })
})

it('opens the key with the first request, and again after it could not be read', async () => {
  const secrets = memorySecrets()
  const opened: unknown[] = []
  const platform = {
    defaultServer: 'https://ours.example',
    network: { fetch: () => Promise.reject(new Error('no network')) },
    openSigner: (owner: Parameters<typeof openSoftwareSigner>[0]['owner']): Promise<DeviceSigner> => {
      opened.push(owner)
      if (opened.length === 1) return Promise.reject(new Error('the key store is locked'))
      return openSoftwareSigner({ owner, secrets })
    },
  }
  const anna = credentialOf(platform, { server: '', token: '', key })
  expect(opened).toEqual([])
  await expect(anna.headers(request)).rejects.toThrow('locked')
  await expect(anna.headers(request)).rejects.toThrow('cannot be reached')
  await expect(anna.headers(request)).rejects.toThrow('cannot be reached')
  const owner = { url: 'https://ours.example', name: 'first' }
  expect(opened).toEqual([owner, owner])
})
