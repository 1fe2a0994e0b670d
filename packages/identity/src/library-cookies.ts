import { createHmac } from 'node:crypto'

/** Cookies that the library sets and expects; browsers never see them under these names. */
export const LIBRARY_COOKIES = {
  session: 'identity.session_token',
  challenge: 'identity.two_factor',
  state: 'identity.state',
} as const

/** Headers that bring the library one of its cookies. */
export const withCookie = (name: string, value: string): Headers =>
  new Headers({ cookie: `${name}=${encodeURIComponent(value)}` })

/** Headers of a caller with a session, whose token the library expects to be signed. */
export function withSession(secret: string, token: string): Headers {
  const signature = createHmac('sha256', secret).update(token).digest('base64')
  return withCookie(LIBRARY_COOKIES.session, `${token}.${signature}`)
}

/** The value of a cookie that an answer sets; undefined where it does not. */
export function cookieFrom(headers: Headers, name: string): string | undefined {
  const start = `${name}=`
  const cookie = headers.getSetCookie().find((each) => each.startsWith(start))
  const [value = ''] = cookie?.slice(start.length).split(';', 1) ?? []
  return value === '' ? undefined : decodeURIComponent(value)
}
