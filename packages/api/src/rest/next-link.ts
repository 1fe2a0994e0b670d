/** The `Link` header of a page that has a next one (RFC 8288): the same request from `nextCursor` on (OPS-17). */
export function nextLink(originalUrl: string, nextCursor: string, publicUrl: string | undefined): string {
  const [path = '', query = ''] = originalUrl.split('?', 2)
  const search = new URLSearchParams(query)
  search.set('cursor', nextCursor)
  return `<${publicUrl ?? ''}${path}?${search.toString()}>; rel="next"`
}
