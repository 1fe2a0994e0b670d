import { createHmac } from 'node:crypto'

/** The answer of a call, its body read. */
export type BrowserAnswer = {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly headers: Headers
  /** `error.details.reason`, or the error's code where it has none. */
  readonly refusal: string | undefined
}

/** What a person's browser does: keeps cookies, says where a request comes from, and sends JSON. */
export class Browser {
  readonly #url: string
  readonly cookies = new Map<string, string>()
  /** Headers of every request; the origin is that of the server unless a test says otherwise. */
  readonly headers: Record<string, string>

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#url = url
    this.headers = { origin: url, ...headers }
  }

  get(path: string, headers: Record<string, string> = {}): Promise<BrowserAnswer> {
    return this.#send(path, { headers: { ...headers } })
  }

  post(path: string, body: object = {}, headers: Record<string, string> = {}): Promise<BrowserAnswer> {
    return this.#send(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    })
  }

  async #send(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<BrowserAnswer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...this.headers, ...(cookie === '' ? {} : { cookie }), ...init.headers }
    const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))
    const answer = await fetch(`${this.#url}${path}`, { ...init, headers: sent, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    const text = await answer.text()
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    const error = body['error'] as { code: string; details?: { reason?: string } } | undefined
    return {
      status: answer.status,
      body,
      headers: answer.headers,
      refusal: error?.details?.reason ?? error?.code,
    }
  }
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The code of an authenticator app at a time (RFC 6238, SHA-1, 30 s, six digits). */
export function totp(secret: string, at: number): string {
  const bits = [...secret.replaceAll('=', '')]
    .map((each) => BASE32.indexOf(each).toString(2).padStart(5, '0'))
    .join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
