import { DeviceKey } from '@fieldsync/testkit'
import { compactVerify } from 'jose'
import { expect, it } from 'vitest'

import { hasPlainSignature, importPublicKey } from './es256.ts'

const key = await DeviceKey.generate()
const signed = await key.sign({ a: 1 }, {})

it('[ACC-16] a public key verifies what its private one has signed, and nothing else', async () => {
  const publicKey = await importPublicKey(key.publicJwk)
  await compactVerify(signed, publicKey)
  await expect(compactVerify(signed.replace('.', '.A'), publicKey)).rejects.toThrow(
    'signature verification failed',
  )
  await expect(
    compactVerify(await (await DeviceKey.generate()).sign({ a: 1 }, {}), publicKey),
  ).rejects.toThrow('signature verification failed')
})

it('[ACC-16] a signature is written in one way', () => {
  expect(hasPlainSignature(signed)).toBe(true)
  const last = signed.at(-1) ?? ''
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const sameBytes = ALPHABET[ALPHABET.indexOf(last) + 1] ?? ''
  for (const text of [
    `${signed.slice(0, -1)}${sameBytes}`,
    `${signed}=`,
    signed.slice(0, -1),
    `${signed}A`,
    `${signed}.`,
    '',
  ])
    expect(hasPlainSignature(text), text).toBe(false)
})
