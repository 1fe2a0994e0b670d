import { createHash } from 'node:crypto'

import type { CheckpointStore } from '@fieldsync/services'
import { AwsV4Signer } from 'aws4fetch'

import { type OutboundAnswer, outboundRequest } from '../outbound/outbound-request.ts'

/** A bucket of an S3-compatible store, and what opens it. */
export type BucketOptions = {
  /** `https://host/bucket` or `https://host/bucket/prefix`, without a slash at its end. */
  readonly url: string
  readonly region: string
  readonly keyId: string
  readonly secret: string
}

const LIMIT_MS = 10_000
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
const END = '.note'
/** A list of more pages is no list of checkpoints: at one a minute, these are seven years. */
const MAX_PAGES = 4000

/** Checkpoints as objects of a bucket, by the same paths as in a folder (AUD-12). A store that is down fails each call. */
export class CheckpointBucket implements CheckpointStore {
  readonly name: string
  readonly kind = 'bucket'
  readonly #options: BucketOptions
  readonly #url: URL
  readonly #limitMs: number

  /** @param limitMs of each call */
  constructor(options: BucketOptions, limitMs = LIMIT_MS) {
    this.#options = options
    this.#url = new URL(options.url)
    this.#limitMs = limitMs
    this.name = options.url
  }

  async list(origin: string): Promise<readonly string[]> {
    const [, bucket = '', ...rest] = this.#url.pathname.split('/')
    const prefix = [...rest, ...chainPath(origin), ''].join('/')
    const names: string[] = []
    let token: string | undefined
    for (let page = 0; page < MAX_PAGES; page++) {
      const url = new URL(`/${bucket}`, this.#url)
      url.searchParams.set('list-type', '2')
      url.searchParams.set('prefix', prefix)
      if (token !== undefined) url.searchParams.set('continuation-token', token)
      const answer = await this.#send('GET', url)
      if (answer.status !== 200) throw refused('list', answer)
      names.push(...keysOf(answer.body, prefix))
      token = /<NextContinuationToken>([^<]+)<\/NextContinuationToken>/.exec(answer.body)?.[1]
      if (token === undefined || !answer.body.includes('<IsTruncated>true<')) {
        return names.toSorted().toReversed()
      }
      token = unescaped(token)
    }
    throw new Error(`${this.name} lists without an end`)
  }

  async read(origin: string, name: string): Promise<string> {
    const answer = await this.#send('GET', this.#object(origin, name))
    if (answer.status !== 200) throw refused('read', answer)
    return answer.body
  }

  /** One that is there stays, by a conditional request (RFC 9110 `If-None-Match`), whoever writes at the same time. */
  async add(origin: string, name: string, note: string): Promise<void> {
    const answer = await this.#send('PUT', this.#object(origin, name), note, {
      'if-none-match': '*',
      'content-type': 'text/plain; charset=utf-8',
      // A bucket that locks its objects asks for it.
      'content-md5': createHash('md5').update(note).digest('base64'),
    })
    if (answer.status === 412) return
    if (answer.status < 200 || answer.status > 299) throw refused('add', answer)
  }

  #object(origin: string, name: string): URL {
    return new URL(`${this.#url.pathname}/${[...chainPath(origin), `${name}${END}`].join('/')}`, this.#url)
  }

  async #send(
    method: string,
    url: URL,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<OutboundAnswer> {
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
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      },
      ...(body !== undefined && { body }),
    }).sign()
    return await outboundRequest({
      method,
      url: signed.url,
      headers: {
        ...Object.fromEntries(signed.headers),
        ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      },
      ...(body !== undefined && { body }),
      allowedOrigins: [this.#url.origin],
      limitMs: this.#limitMs,
      maxBytes: MAX_ANSWER_BYTES,
    })
  }
}

/** The ids of a workspace have no slash, no dot and nothing that a URL escapes. */
const chainPath = (origin: string): string[] => origin.split('/').slice(2)

/** Names of the checkpoints in a list; whatever else lies there is none. */
const keysOf = (xml: string, prefix: string): string[] =>
  [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].flatMap(([, key = '']) => {
    const name = unescaped(key)
    return name.startsWith(prefix) && name.endsWith(END) ? [name.slice(prefix.length, -END.length)] : []
  })

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
