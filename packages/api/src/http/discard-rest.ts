import type { IncomingMessage } from 'node:http'

/**
 * Reads the rest of a refused request and discards it: a client that is still sending sees the answer, and the
 * connection serves its next request. A body without an end is cut off after `budgetBytes`.
 */
export function discardRest(req: IncomingMessage, budgetBytes: number): void {
  if (req.readableEnded || req.destroyed) return
  let left = budgetBytes
  req.on('error', () => undefined)
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) req.destroy()
  })
  // A request that was unpiped is paused, and a listener alone does not start it again.
  req.resume()
}
