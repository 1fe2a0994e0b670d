import { z } from 'zod'

/** A whole number of digits only, within bounds. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number)

export const folder = z.string().refine((text) => !text.includes('\0'), 'must be the path of a folder')

/** The connection URL of a PostgreSQL. A secret: it carries a password. */
export const databaseUrl = z.string().refine(isDatabaseUrl, {
  error:
    'must be a URL such as postgresql://user:password@host:5432/fieldsync (special characters percent-encoded)',
})

function isDatabaseUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) return false
  return url.hostname !== '' && url.username !== '' && url.pathname.length > 1 && isEncoded(url)
}

function isEncoded({ username, password }: URL): boolean {
  try {
    return decodeURIComponent(username + password) !== ''
  } catch {
    return false // A percent sign that encodes nothing.
  }
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
