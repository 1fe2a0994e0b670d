import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'

import { AwsV4Signer } from 'aws4fetch'

import { type OutboundAnswer, outboundDownload, outboundRequest } from './outbound-request.ts'

/** A bucket of an S3-compatible store, and what opens it. */
export type BucketOptions = {
  /** `https://host/bucket` or `https://host/bucket/prefix`, without a slash at its end. */
  readonly url: string
  readonly region: string
  readonly keyId: string
  readonly secret: string
}

/** One object as a list names it, without the prefix of the bucket's address. */
export type BucketObject = { readonly key: string; readonly bytes: number }

export type BucketLimits = {
  /** Of each call; of a download, each silence. Default 10 s. */
  readonly limitMs?: number
  /** Of each part of an upload, but for the last; S3 takes at least 5 MiB, and 10,000 parts. Default 16 MiB. */
  readonly partBytes?: number
}

const LIMIT_MS = 10_000
/** A part may come over a slow line. */
const PART_LIMIT_MS = 5 * 60_000
const PART_BYTES = 16 * 1024 * 1024
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
/** A list of more pages is none of ours: of checkpoints at one a minute, these are seven years. */
const MAX_PAGES = 4000

/**
 * A client of an S3-compatible store, for one bucket or what lies in it under a prefix. Each call is signed and limited in time,
 * and names the store, and never its secret, in its error.
 */
export class S3Bucket {
  readonly name: string
  readonly #options: BucketOptions
  readonly #origin: string
  readonly #bucket: string
  /** Empty, or with a slash at its end. */
  readonly #prefix: string
  readonly #limitMs: number
  readonly #partBytes: number

  constructor(options: BucketOptions, { limitMs = LIMIT_MS, partBytes = PART_BYTES }: BucketLimits = {}) {
    this.#options = options
    const { origin, pathname } = new URL(options.url)
    const [, bucket = '', ...prefix] = pathname.split('/')
    this.#origin = origin
    this.#bucket = bucket
    this.#prefix = prefix.map((part) => `${part}/`).join('')
    this.#limitMs = limitMs
    this.#partBytes = partBytes
    this.name = options.url
  }

  /** Everything whose key begins so, in no order. */
  async list(beginning: string): Promise<BucketObject[]> {
    const found: BucketObject[] = []
    let token: string | undefined
    for (let page = 0; page < MAX_PAGES; page++) {
      const url = new URL(`/${this.#bucket}`, this.#origin)
      url.searchParams.set('list-type', '2')
      url.searchParams.set('prefix', this.#prefix + beginning)
      if (token !== undefined) url.searchParams.set('continuation-token', token)
      const answer = await this.#send('GET', url)
      if (answer.status !== 200) throw refused('list', answer)
      for (const [, each = ''] of answer.body.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const key = elementOf(each, 'Key')
        if (key?.startsWith(this.#prefix))
          found.push({ key: key.slice(this.#prefix.length), bytes: Number(elementOf(each, 'Size') ?? 0) })
      }
      token = elementOf(answer.body, 'NextContinuationToken')
      if (token === undefined || !answer.body.includes('<IsTruncated>true<')) return found
    }
    throw new Error(`${this.name} lists without an end`)
  }

  async read(key: string): Promise<string> {
    const answer = await this.#send('GET', this.#object(key))
    if (answer.status !== 200) throw refused('read', answer)
    return answer.body
  }

  /** An object of any size; the caller reads the stream to its end, or destroys it. */
  async download(key: string): Promise<Readable> {
    const response = await outboundDownload(await this.#signed('GET', this.#object(key)))
    if (response.statusCode === 200) return response
    response.destroy()
    throw new Error(`the store refused to read: ${response.statusCode ?? 0}`)
  }

  /**
   * Adds a small object of text. One that is there stays, by a conditional request (RFC 9110 `If-None-Match`), whoever writes at
   * the same time.
   */
  async add(key: string, text: string): Promise<void> {
    const answer = await this.#send('PUT', this.#object(key), Buffer.from(text), {
      'if-none-match': '*',
      'content-type': 'text/plain; charset=utf-8',
    })
    if (answer.status === 412) return
    if (!isDone(answer)) throw refused('add', answer)
  }

  /**
   * Adds an object of any size, part by part, with two parts in memory at most; it appears whole, or not at all.
   * @returns its size in bytes
   */
  async upload(key: string, content: AsyncIterable<Buffer>): Promise<number> {
    const started = await this.#send('POST', this.#object(key, { uploads: '' }))
    const uploadId = elementOf(started.body, 'UploadId')
    if (!isDone(started) || uploadId === undefined) throw refused('begin an upload', started)
    try {
      const tags: string[] = []
      let bytes = 0
      for await (const part of partsOf(content, this.#partBytes)) {
        const url = this.#object(key, { partNumber: String(tags.length + 1), uploadId })
        const answer = await this.#send('PUT', url, part, {}, PART_LIMIT_MS)
        const tag = answer.headers.etag
        if (!isDone(answer) || tag === undefined) throw refused('add a part', answer)
        tags.push(tag)
        bytes += part.length
      }
      const list = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag}</ETag></Part>`)
      const body = Buffer.from(`<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`)
      const completed = await this.#send('POST', this.#object(key, { uploadId }), body, {}, PART_LIMIT_MS)
      // The store begins its answer before it knows how this ends.
      if (!isDone(completed) || elementOf(completed.body, 'Code') !== undefined)
        throw refused('end an upload', completed)
      return bytes
    } catch (error) {
      await this.#send('DELETE', this.#object(key, { uploadId })).catch(() => undefined)
      throw error
    }
  }

  /** One that is not there is removed. */
  async remove(key: string): Promise<void> {
    const answer = await this.#send('DELETE', this.#object(key))
    if (!isDone(answer) && answer.status !== 404) throw refused('remove', answer)
  }

  #object(key: string, query: Readonly<Record<string, string>> = {}): URL {
    const url = new URL(`/${this.#bucket}/${this.#prefix}${key}`, this.#origin)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    return url
  }

  async #send(
    method: string,
    url: URL,
    body?: Uint8Array,
    headers: Readonly<Record<string, string>> = {},
    limitMs = this.#limitMs,
  ): Promise<OutboundAnswer> {
    const call = await this.#signed(method, url, body, headers)
    return await outboundRequest({ ...call, limitMs, maxBytes: MAX_ANSWER_BYTES })
  }

  async #signed(
    method: string,
    url: URL,
    body: Uint8Array = Buffer.alloc(0),
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Parameters<typeof outboundDownload>[0]> {
    const { keyId, secret, region } = this.#options
    const signed = await new AwsV4Signer({
      method,
      url: url.href,
      service: 's3',
      region,
      accessKeyId: keyId,
      secretAccessKey: secret,
      headers: {
        ...headers,
        'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
        // A bucket that locks its objects asks for it.
        ...(method === 'PUT' && { 'content-md5': createHash('md5').update(body).digest('base64') }),
      },
    }).sign()
    const sends = method === 'PUT' || method === 'POST'
    return {
      method,
      url: signed.url,
      headers: {
        ...Object.fromEntries(signed.headers),
        ...(sends && { 'content-length': String(body.length) }),
      },
      ...(sends && { body }),
      allowedOrigins: [this.#origin],
      limitMs: this.#limitMs,
    }
  }
}

/** The same bytes in pieces of this size; the last one is what is left, and there is always one. */
async function* partsOf(content: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = []
  let bytes = 0
  let isFirst = true
  for await (const chunk of content) {
    pieces.push(chunk)
    bytes += chunk.length
    if (bytes < size) continue
    const all = Buffer.concat(pieces)
    let from = 0
    for (; all.length - from >= size; from += size) yield all.subarray(from, from + size)
    isFirst = false
    pieces = [all.subarray(from)]
    bytes = all.length - from
  }
  if (bytes > 0 || isFirst) yield Buffer.concat(pieces)
}

const isDone = ({ status }: OutboundAnswer): boolean => status >= 200 && status <= 299

/** The text of the first such element of an answer in XML. */
function elementOf(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? []
  return text === undefined ? undefined : unescaped(text)
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescaped = (text: string): string =>
  text.replace(
    /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g,
    (_, name?: string, ten?: string, hex?: string) =>
      name === undefined
        ? String.fromCodePoint(Number.parseInt(ten ?? hex ?? '0', ten === undefined ? 16 : 10))
        : (ENTITIES[name] ?? ''),
  )

function refused(what: string, { status, body }: OutboundAnswer): Error {
  const [, code] = /<Code>(\w{1,64})<\/Code>/.exec(body) ?? []
  return new Error(`the store refused to ${what}: ${status}${code === undefined ? '' : ` ${code}`}`)
}
