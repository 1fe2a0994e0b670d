import { isIP } from 'node:net'

import { DatabaseUrlError, parseDatabaseUrl } from '@fieldsync/db'
import { z } from 'zod'

import { isLoopbackHost } from '../outbound/addresses.ts'

/** A whole number of digits only, within bounds. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number)

export const folder = z.string().refine((text) => !text.includes('\0'), 'must be the path of a folder')

/** The connection URL of a PostgreSQL, with one or several servers (HA-1). A secret: it carries a password. */
export const databaseUrl = connectionUrl('primary')

/** The same of its read replicas (REP-1). */
export const databaseReadUrl = connectionUrl('standbys')

function connectionUrl(use: 'primary' | 'standbys') {
  return z.string().superRefine((text, context) => {
    try {
      parseDatabaseUrl(text, use)
    } catch (error) {
      if (!(error instanceof DatabaseUrlError)) throw error
      context.addIssue({ code: 'custom', message: error.message })
    }
  })
}

/** The address that clients use, without a trailing slash. */
export const publicUrl = z
  .string()
  .refine(
    isPublicUrl,
    'must be an address such as https://sync.example.com, without credentials, query or fragment',
  )
  .transform((text) => text.replace(/\/+$/, ''))

function isPublicUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  return url.username === '' && url.password === '' && !/[?#]/.test(text)
}

/** A bucket of an S3-compatible store; without TLS only on this machine. */
export const bucketUrl = z
  .string()
  .refine(
    isBucketUrl,
    'must be an address such as https://s3.example.com/bucket or …/bucket/prefix, with https and without credentials or query',
  )
  .transform((text) => text.replace(/\/+$/, ''))

function isBucketUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || /[?#]/.test(text)) return false
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(host))) return false
  return /^(\/[\w.-]+)+\/*$/.test(url.pathname)
}

/** Public keys that signed checkpoints before, as `audit key` prints them, separated by commas. */
export const publicKeys = z.string().transform((text, context): readonly string[] => {
  const keys = text.split(',').map((part) => part.trim())
  if (keys.every((key) => /^[^\s+,]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/.test(key))) return keys
  context.addIssue({
    code: 'custom',
    message: 'must be public keys as `audit key` prints them, separated by commas',
  })
  return z.NEVER
})

/**
 * The origins whose pages may call this server from another address, separated by commas. `*` is refused, since a guessed
 * token could then be tried from any page that is open in a browser.
 */
export const corsOrigins = z.string().transform((text, context): readonly string[] => {
  const origins = text.split(',').map((part) => part.trim())
  for (const origin of origins) {
    const problem = problemOf(origin)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    if (problem !== undefined) return z.NEVER
  }
  return [...new Set(origins)]
})

function problemOf(text: string): string | undefined {
  if (text === '*' || text === 'null') {
    return `must name each origin; ${text} would allow pages of any origin`
  }
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return 'must be origins separated by commas, such as https://app.example.com'
  }
  if (url.hostname.includes('*')) return 'must name each origin; wildcards are not supported'
  // Browsers send exactly this form; any other would never match.
  return url.origin === text ? undefined : `must be written the way browsers send it: ${url.origin}`
}

const NAMED_RANGES: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal'])

/**
 * Which proxies may set the client's address in `X-Forwarded-For`: a number of hops, or a list of addresses and ranges.
 * `true` (anyone) is refused, since every client could then choose its address.
 */
export const trustProxy = z
  .string()
  .refine(isTrustProxy, {
    error:
      'must be the number of proxies in front (1 to 10), or addresses, ranges (10.0.0.0/8), ' +
      'loopback, linklocal or uniquelocal, separated by commas',
  })
  .transform((text): number | string[] => (/^\d+$/.test(text) ? Number(text) : listOf(text)))

function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}

function isTrustProxy(text: string): boolean {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= 10
  return listOf(text).every(isRange)
}

function isRange(text: string): boolean {
  if (NAMED_RANGES.has(text)) return true
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  // Zero bits would match everyone.
  return (
    bits === undefined ||
    (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128))
  )
}
