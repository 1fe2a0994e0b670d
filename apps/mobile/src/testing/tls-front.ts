import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:https'

/** A piece of ASN.1 in its binary form, of less than 64 KB. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const ECDSA_WITH_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'))
const COMMON_NAME = Buffer.from('0603550403', 'hex')

/** A key and a certificate that it signs itself, which a browser takes with `--ignore-certificate-errors`. */
function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('farm.test')))))
  const time = (text: string) => der(0x17, Buffer.from(text))
  const validity = sequence(time('250101000000Z'), time('491231235959Z'))
  const serial = der(0x02, Buffer.from([1]))
  const body = sequence(serial, ECDSA_WITH_SHA256, name, validity, name, publicKey)
  const signature = sign('sha256', body, createPrivateKey(privateKey))
  const bytes = sequence(body, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature))
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return {
    key: privateKey,
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----'].join('\n'),
  }
}

/** A server's address by HTTPS: what stands before it hands everything on as it comes. */
export async function tlsFront(target: string): Promise<AsyncDisposable & { readonly origin: string }> {
  const front = createServer(selfSigned(), (incoming, outgoing) => {
    const { method, headers } = incoming
    const onward = request(`${target}${incoming.url ?? '/'}`, { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(front, 'listening')
  const address = front.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on no port')
  return {
    origin: `https://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      front.closeAllConnections()
      front.close()
      await once(front, 'close')
    },
  }
}
