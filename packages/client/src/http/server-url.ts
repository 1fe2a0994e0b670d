/**
 * The address of a server without query, fragment and the slash at its end; a path prefix is part of it.
 * @throws Error for an address of another protocol than HTTP, or for none at all
 */
export function serverUrl(text: string): string {
  const { protocol, origin, pathname } = new URL(text)
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new Error('The url of a server must begin with https:// or http://')
  return `${origin}${pathname}`.replace(/\/+$/, '')
}
