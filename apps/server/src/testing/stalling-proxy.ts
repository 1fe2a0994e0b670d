import { once } from 'node:events'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

/** Something between a device and its server that lets one batch with records get stuck. */
export type StallingProxy = AsyncDisposable & {
  readonly url: string
  /**
   * The next batch with records gets stuck: `before` the server has seen it, or `after` the server has answered.
   * Resolves when it is; the device never hears of it.
   */
  stall(when: 'before' | 'after'): Promise<void>
}

export async function stallingProxy(target: string): Promise<StallingProxy> {
  let next: { when: 'before' | 'after'; stuck: () => void } | undefined
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request)
      const packed = request.headers['content-encoding'] === 'gzip'
      const text = (packed ? gunzipSync(body) : body).toString()
      const stalled = request.url === '/v1/sync/batch' && HAS_RECORDS.test(text) ? next : undefined
      if (stalled !== undefined) next = undefined
      if (stalled?.when === 'before') return stalled.stuck()
      const answer = await fetch(`${target}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        headers: PASSED_ON.flatMap((name) => {
          const value = request.headers[name]
          return typeof value === 'string' ? [[name, value] as [string, string]] : []
        }),
        ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
      })
      const answered = await answer.text()
      if (stalled !== undefined) return stalled.stuck()
      response
        .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
        .end(answered)
    })().catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    stall: (when) => new Promise((resolve) => (next = { when, stuck: resolve })),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const PASSED_ON = ['content-type', 'content-encoding', 'idempotency-key', 'x-device-token']
const HAS_RECORDS = /"(?:observation|recommendation|patch)Id"/
