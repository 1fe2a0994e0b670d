import { openDB } from 'idb'

import { openBrowserSigner } from '../browser-signer.ts'

const open = (name: string) => openBrowserSigner({ url: 'https://sync.example.com', name })

/** What a test asks of a tab. */
const signerPage = {
  publicKey: async (name: string) => {
    const signer = await open(name)
    return { storage: signer.storage, jwk: await signer.publicKeyJwk() }
  },
  sign: async (name: string, data: number[]): Promise<number[]> => [
    ...(await (await open(name)).sign(new Uint8Array(data))),
  ],
  /** Tries to read the private keys out of what is stored; resolves with what came of each. */
  steal: async (): Promise<string[]> => {
    const database = await openDB('fieldsync-keys')
    const pairs: CryptoKeyPair[] = await database.getAll('keys')
    database.close()
    const formats = ['jwk', 'pkcs8'] as const
    const attempts = pairs.flatMap(({ privateKey }) =>
      formats.map((format) => crypto.subtle.exportKey(format, privateKey)),
    )
    const outcomes = await Promise.allSettled(attempts)
    return outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'stolen'))
  },
}

declare global {
  var signerPage: SignerPage
}
type SignerPage = typeof signerPage
Object.assign(globalThis, { signerPage })
