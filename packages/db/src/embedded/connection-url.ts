/**
 * A PostgreSQL connection URL with some parts replaced; credentials are percent-encoded.
 * @throws TypeError when `base` is not a URL.
 */
export function connectionUrl(
  base: string,
  parts: { user?: string; password?: string; database?: string; port?: number },
): string {
  const url = new URL(base)
  if (parts.user !== undefined) url.username = encodeURIComponent(parts.user)
  if (parts.password !== undefined) url.password = encodeURIComponent(parts.password)
  if (parts.database !== undefined) url.pathname = `/${encodeURIComponent(parts.database)}`
  if (parts.port !== undefined) url.port = String(parts.port)
  return url.href
}
