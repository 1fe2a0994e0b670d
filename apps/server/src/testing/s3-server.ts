import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { SignatureV4 } from '@smithy/signature-v4'

const SKEW_MS = 15 * 60_000
const PAGE = 3

/** One request as the server took it. */
type Taken = { readonly method: string; readonly key: string; readonly ifNoneMatch: string | undefined }

/**
 * An S3 store in memory with one bucket, for tests: it checks each signature with the implementation that AWS publishes, keeps
 * conditional writes (`If-None-Match: *`), and lists in pages of three.
 */
export class S3Server implements AsyncDisposable {
  readonly bucket = 'audit'
  readonly keyId = 'AKIDEXAMPLE'
  readonly secret = 'canary-secret-of-the-bucket'
  readonly region = 'eu-central-1'
  readonly objects = new Map<string, string>()
  readonly taken: Taken[] = []
  /** Answers in the place of the store, for faults. */
  instead: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  readonly #server = createServer((request, response) => {
    void this.#serve(request, response)
  })

  static async start(): Promise<S3Server> {
    const made = new S3Server()
    made.#server.listen(0, '127.0.0.1')
    await once(made.#server, 'listening')
    return made
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${this.bucket}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.instead) return this.instead(request, response)
    const pieces: Buffer[] = []
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
    const body = Buffer.concat(pieces)
    const url = new URL(request.url ?? '/', this.url)
    const problem = await this.#problemOf(request, url, body)
    if (problem !== undefined) return end(response, 403, `<Error><Code>${problem}</Code></Error>`)
    const key = decodeURIComponent(url.pathname).slice(this.bucket.length + 2)
    const ifNoneMatch = request.headers['if-none-match']
    this.taken.push({ method: request.method ?? '', key, ifNoneMatch })
    if (request.method === 'GET' && key === '') return this.#list(url, response)
    if (request.method === 'GET') {
      const found = this.objects.get(key)
      if (found === undefined) return end(response, 404, '<Error><Code>NoSuchKey</Code></Error>')
      return end(response, 200, found)
    }
    if (ifNoneMatch === '*' && this.objects.has(key))
      return end(response, 412, '<Error><Code>PreconditionFailed</Code></Error>')
    this.objects.set(key, body.toString())
    return end(response, 200, '')
  }

  #list(url: URL, response: ServerResponse): void {
    const prefix = url.searchParams.get('prefix') ?? ''
    const after = url.searchParams.get('continuation-token') ?? ''
    const keys = [...this.objects.keys()]
      .filter((key) => key.startsWith(prefix) && `<${key}` > after)
      .toSorted()
    const page = keys.slice(0, PAGE)
    const more = keys.length > PAGE
    // A token of the kind that has to be escaped in XML and in a query.
    const token = more ? `<NextContinuationToken>&lt;${page.at(-1)}</NextContinuationToken>` : ''
    end(
      response,
      200,
      `<ListBucketResult><IsTruncated>${more}</IsTruncated>${token}${page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}</ListBucketResult>`,
    )
  }

  /** Why a request is refused, as S3 names it. */
  async #problemOf(request: IncomingMessage, url: URL, body: Buffer): Promise<string | undefined> {
    const given = /SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(request.headers.authorization ?? '')
    const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers['x-amz-date']))
    if (!given || !date) return 'AccessDenied'
    const [, y, mo, d, h, mi, s] = date
    const signingDate = new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
    if (Math.abs(signingDate.getTime() - Date.now()) > SKEW_MS) return 'RequestTimeTooSkewed'
    const names = given[1]?.split(';') ?? []
    const must = [
      'host',
      'x-amz-content-sha256',
      'x-amz-date',
      ...(request.headers['if-none-match'] ? ['if-none-match'] : []),
    ]
    if (must.some((name) => !names.includes(name))) return 'AccessDenied'
    const sha256 = createHash('sha256').update(body).digest('hex')
    if (request.headers['x-amz-content-sha256'] !== sha256) return 'XAmzContentSHA256Mismatch'
    const md5 = request.headers['content-md5']
    if (md5 !== undefined && createHash('md5').update(body).digest('base64') !== md5) return 'BadDigest'
    const signer = new SignatureV4({
      service: 's3',
      region: this.region,
      credentials: { accessKeyId: this.keyId, secretAccessKey: this.secret },
      sha256: NodeSha256,
      uriEscapePath: false,
      applyChecksum: false,
    })
    const signed = await signer.sign(
      {
        method: request.method ?? '',
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: Object.fromEntries(
          names.flatMap((name) => (name === 'x-amz-date' ? [] : [[name, String(request.headers[name])]])),
        ),
      },
      { signingDate, signableHeaders: new Set(names) },
    )
    return signed.headers['authorization']?.endsWith(`Signature=${given[2]}`)
      ? undefined
      : 'SignatureDoesNotMatch'
  }
}

function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body)
}

/** SHA-256 and its HMAC in the form that the signer asks for. */
class NodeSha256 {
  readonly #hash

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    const bytes = typeof key === 'string' || key === undefined ? key : Buffer.from(key as Uint8Array)
    this.#hash = bytes === undefined ? createHash('sha256') : createHmac('sha256', bytes)
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data)
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }

  reset(): void {
    throw new Error('is used once')
  }
}
