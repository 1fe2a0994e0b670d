import { createHash, createHmac, randomUUID } from 'node:crypto'
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
 * conditional writes (`If-None-Match: *`), takes uploads in parts, and lists in pages of three.
 */
export class S3Server implements AsyncDisposable {
  readonly bucket = 'audit'
  readonly keyId = 'AKIDEXAMPLE'
  readonly secret = 'canary-secret-of-the-bucket'
  readonly region = 'eu-central-1'
  readonly objects = new Map<string, string | Buffer>()
  /** Uploads that were begun and neither ended nor given up: their parts by number. */
  readonly uploads = new Map<string, Map<number, Buffer>>()
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
    if (url.searchParams.has('uploads') || url.searchParams.has('uploadId'))
      return this.#upload(request, url, { key, body }, response)
    if (request.method === 'DELETE') {
      this.objects.delete(key)
      return end(response, 204, '')
    }
    if (ifNoneMatch === '*' && this.objects.has(key))
      return end(response, 412, '<Error><Code>PreconditionFailed</Code></Error>')
    this.objects.set(key, body.toString())
    return end(response, 200, '')
  }

  /** The four calls of an upload in parts: begin, a part, end, give up. */
  #upload(
    { method }: IncomingMessage,
    { searchParams }: URL,
    { key, body }: { key: string; body: Buffer },
    response: ServerResponse,
  ): void {
    if (searchParams.has('uploads')) {
      const id = randomUUID()
      this.uploads.set(id, new Map())
      return end(
        response,
        200,
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      )
    }
    const id = searchParams.get('uploadId') ?? ''
    const parts = this.uploads.get(id)
    if (!parts) return end(response, 404, '<Error><Code>NoSuchUpload</Code></Error>')
    if (method === 'PUT') {
      parts.set(Number(searchParams.get('partNumber')), body)
      return end(response, 200, '', { etag: tagOf(body) })
    }
    this.uploads.delete(id)
    if (method === 'DELETE') return end(response, 204, '')
    const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]+)<\/ETag>/g)]
    const pieces = named.map(([, number, tag]) => {
      const part = parts.get(Number(number))
      return part && tagOf(part) === tag ? part : undefined
    })
    // S3 reports a failure of this call in an answer with status 200.
    if (pieces.includes(undefined) || named.length !== parts.size)
      return end(response, 200, '<Error><Code>InvalidPart</Code></Error>')
    this.objects.set(key, Buffer.concat(pieces.filter((piece) => piece !== undefined)))
    return end(response, 200, '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>')
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
      `<ListBucketResult><IsTruncated>${more}</IsTruncated>${token}${page.map((key) => `<Contents><Key>${key}</Key><Size>${Buffer.byteLength(this.objects.get(key) ?? '')}</Size></Contents>`).join('')}</ListBucketResult>`,
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

function end(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body)
}

const tagOf = (part: Buffer): string => `"${createHash('md5').update(part).digest('hex')}"`

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
