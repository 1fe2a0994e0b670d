import type { Request, Response } from 'express'

import type { ApiParts } from '../core/api-context.ts'
import { ownAddress } from './own-address.ts'

/** What a browser keeps for a person: their session, and what a sign-in under way is continued by. */
export type CookieKind = 'session' | 'challenge' | 'provider'

const SECONDS: Readonly<Record<CookieKind, number>> = { session: 30 * 86_400, challenge: 600, provider: 600 }
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|.*\.localhost)$/

/**
 * How cookies of this server are named at the address of a request: bound to the host under https, plain on this machine, and
 * not at all on an unencrypted network, where everybody could read them (PEO-14).
 */
function cookiePrefix(api: ApiParts, req: Request): '__Host-' | '' | undefined {
  const url = URL.parse(ownAddress(api, req))
  if (url?.protocol === 'https:') return '__Host-'
  return url && LOOPBACK.test(url.hostname) ? '' : undefined
}

/** Whether people can sign in at the address of this request. */
export const allowsCookies = (api: ApiParts, req: Request): boolean => cookiePrefix(api, req) !== undefined

const nameOf = (prefix: string, kind: CookieKind): string => `${prefix}fieldsync_${kind}`

/** A cookie of the request; undefined for none, and for one that is given twice, of which one may be another page's. */
export function readCookie(api: ApiParts, req: Request, kind: CookieKind): string | undefined {
  const header = req.headers.cookie
  if (header === undefined) return undefined
  const prefix = cookiePrefix(api, req)
  if (prefix === undefined) return undefined
  const start = `${nameOf(prefix, kind)}=`
  const values = header.split(';').flatMap((part) => {
    const text = part.trim()
    return text.startsWith(start) ? [text.slice(start.length)] : []
  })
  const [value] = values
  return values.length === 1 && value !== undefined && value !== '' ? decoded(value) : undefined
}

/** Sets a cookie that no script can read and that no other site's request brings along. */
export const setCookie = (
  api: ApiParts,
  req: Request,
  res: Response,
  kind: CookieKind,
  value: string,
): void => write(api, req, res, kind, { value, seconds: SECONDS[kind] })

export const clearCookie = (api: ApiParts, req: Request, res: Response, kind: CookieKind): void =>
  write(api, req, res, kind, { value: '', seconds: 0 })

function write(
  api: ApiParts,
  req: Request,
  res: Response,
  kind: CookieKind,
  { value, seconds }: { readonly value: string; readonly seconds: number },
): void {
  const prefix = cookiePrefix(api, req)
  if (prefix === undefined) return
  const secure = prefix === '' ? '' : '; Secure'
  res.appendHeader(
    'set-cookie',
    `${nameOf(prefix, kind)}=${encodeURIComponent(value)}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`,
  )
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
