import type { IncomingMessage } from 'node:http'

/**
 * Each occurrence of a header. Node joins several with a comma, so only a value that contains one is looked up again.
 */
export function headerOccurrences(req: IncomingMessage, name: string): readonly string[] | undefined {
  const value = req.headers[name]
  if (value === undefined) return undefined
  return typeof value === 'string' && !value.includes(',') ? [value] : req.headersDistinct[name]
}
