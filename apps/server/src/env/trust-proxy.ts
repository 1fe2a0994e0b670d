import { isIP } from 'node:net'

import { z } from 'zod'

const NAMED_RANGES: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal'])

/**
 * Which proxies may set the client's address in `X-Forwarded-For`: a number of hops, or a list of addresses and ranges.
 * `true` (anyone) is refused, since every client could then choose its address.
 */
export const trustProxy = z
  .string()
  .refine(isTrustProxy, {
    error:
      'must be the number of proxies in front (1 to 10), or a comma list of addresses, ranges (10.0.0.0/8), ' +
      'loopback, linklocal, uniquelocal',
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
