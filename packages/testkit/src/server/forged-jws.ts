import { createHmac } from 'node:crypto'

import type { SeededRandom } from '@fieldsync/contracts/testing'

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** What a forger knows besides the token. */
export type ForgerKnows = { readonly publicJwk: object; readonly others: readonly string[] }

/**
 * A token that nobody has signed, made from one that was signed: altered bytes, another header (`none`, HMAC with the public
 * key, keys and addresses of keys in it), altered claims, parts of other tokens, and signatures that are known to fool careless
 * verifiers.
 */
export function forgedJws(rng: SeededRandom, signed: string, { publicJwk, others }: ForgerKnows): string {
  const [header = '', payload = '', signature = ''] = signed.split('.')
  const other = (others[rng.int(0, others.length - 1)] ?? '').split('.')
  const withHeader = (changes: Record<string, unknown>, end = signature): string =>
    `${encode({ ...decode(header), ...changes })}.${payload}.${end}`
  const hmac = (head: Record<string, unknown>): string => {
    const text = `${encode({ ...decode(header), ...head })}.${payload}`
    return `${text}.${createHmac('sha256', JSON.stringify(publicJwk)).update(text).digest('base64url')}`
  }
  const claims = decode(payload)
  const names = Object.keys(claims)
  const name = names[rng.int(0, names.length - 1)] ?? 'exp'
  const values = [null, '', 0, -1, 2 ** 53, true, [], {}, 'admin', '*', 4_102_444_800, undefined] as const
  const make = rng.pick([
    () => alteredAt(rng, signed),
    () => alteredAt(rng, signed),
    () => signed.slice(0, rng.int(0, signed.length - 1)),
    () => `${signed}${rng.pick(['.', 'A', '=', ' ', '\n', '.e30'])}`,
    () => withHeader({ alg: rng.pick(['none', 'None', 'NONE', '']) }, rng.pick(['', signature])),
    () => hmac({ alg: rng.pick(['HS256', 'HS384', 'hs256']) }),
    () => withHeader({ alg: rng.pick(['ES384', 'RS256', 'EdDSA', 'PS256', 'ES256K']) }),
    () =>
      withHeader({
        typ: rng.pick(['JWT', 'dpop+jwt', 'at+jwt', 'application/at+jwt', '', 1]),
        x: rng.int(0, 9),
      }),
    () => withHeader({ kid: rng.pick(['', '../../dev/null', "' OR 1=1", '0', 'null', 7]) }),
    () =>
      withHeader({
        jwk: publicJwk,
        jku: 'http://127.0.0.1/keys',
        x5u: 'http://127.0.0.1/x',
        n: rng.int(0, 9),
      }),
    () => withHeader({ crit: [rng.pick(['b64', 'exp', 'x'])], b64: false }),
    () => `${header}.${encode({ ...claims, [name]: rng.pick(values), n: rng.int(0, 9) })}.${signature}`,
    () => `${header}.${payload}.${other[2] ?? ''}x`,
    () => `${other[0]}.${payload}.${signature}x`,
    () => `${header}.${payload}.${Buffer.alloc(64, rng.pick([0, 255])).toString('base64url')}`,
    () => `${header}.${payload}.${Buffer.from(signature, 'base64url').subarray(0, 63).toString('base64url')}`,
    () => `${header}.${payload}.${rng.pick(['', 'AA', signature.slice(1), `${signature}${signature}`])}`,
    () => signed.split('.').toReversed().join('.'),
    () => encode(signed),
    () => rng.pick(['..', '.', 'null', '{}', 'é.é.é', '\u0000', 'a.'.repeat(5000)]),
  ])
  const text = make()
  return text === signed ? `${signed}x` : text
}

/** One character replaced, removed or doubled. */
function alteredAt(rng: SeededRandom, text: string): string {
  const at = rng.int(0, text.length - 1)
  const before = text.slice(0, at)
  const [own = ''] = text.slice(at)
  const rest = text.slice(at + 1)
  const replaced = ALPHABET[rng.int(0, ALPHABET.length - 1)] ?? 'A'
  return rng.pick([
    () => `${before}${replaced === own ? '.' : replaced}${rest}`,
    () => `${before}${rest}`,
    () => `${before}${own}${own}${rest}`,
  ])()
}
