import { once } from 'node:events'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

import { CONTRACT_HEADER, CONTRACT_VERSION } from '@fieldsync/contracts'

/** A proxy between a device and its server that lets one write get stuck, or refuses it: a batch with records, or the acknowledgement of a wipe. */
type StallingProxy = AsyncDisposable & {
  readonly url: string
  /**
   * The next write gets stuck: `before` the server has seen it, or `after` the server has answered.
   * Resolves when it is; the device never gets the answer.
   */
  stall(when: 'before' | 'after'): Promise<void>
  /** The next write does not reach the server and is answered so. */
  refuse(status: number, body: object): void
}

type Next =
  | { readonly when: 'before' | 'after'; readonly stuck: () => void }
  | { readonly when: 'instead'; readonly status: number; readonly body: object }

export async function stallingProxy(target: string): Promise<StallingProxy> {
  let next: Next | undefined
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request)
      const packed = request.headers['content-encoding'] === 'gzip'
      const text = (packed ? gunzipSync(body) : body).toString()
      const { url = '' } = request
      const isWrite = url === '/v1/sync/batch' && HAS_RECORDS.test(text)
      const due = isWrite || url.endsWith(':acknowledgeWipe') ? next : undefined
      if (due !== undefined) next = undefined
      if (due?.when === 'before') return due.stuck()
      if (due?.when === 'instead') {
        response.writeHead(due.status, { 'content-type': 'application/json', ...ANNOUNCED })
        response.end(JSON.stringify(due.body))
        return
      }
      const answer = await fetch(`${target}${url}`, {
        method: request.method ?? 'GET',
        headers: PASSED_ON.flatMap((name) => {
          const value = request.headers[name]
          return typeof value === 'string' ? [[name, value] as [string, string]] : []
        }),
        ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
      })
      const answered = await answer.text()
      if (due !== undefined) return due.stuck()
      response
        .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '', ...ANNOUNCED })
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
    refuse: (status, body) => {
      next = { when: 'instead', status, body }
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const PASSED_ON = ['content-type', 'content-encoding', 'idempotency-key', 'x-device-token', CONTRACT_HEADER]
// The refusal announces the same contract version, or it would be taken for an older server's (ENG-36).
const ANNOUNCED = { [CONTRACT_HEADER]: CONTRACT_VERSION }
const HAS_RECORDS = /"(?:observation|recommendation|patch)Id"/
