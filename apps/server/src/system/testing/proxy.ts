import { once } from 'node:events'
import { createServer, type IncomingMessage, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

/** What one request was, and what became of it. */
export type Passed = {
  readonly path: string
  /** As it came to the proxy. */
  readonly encoding: string | undefined
  readonly status: number
  /** Of a refusal. */
  readonly reason: string | undefined
}

/** A proxy in front of servers, as an operator has it: it passes the address of the client on, and may decode bodies. */
export type Proxy = AsyncDisposable & {
  readonly url: string
  /** Addresses of the servers, which take turns. */
  targets: readonly string[]
  /** What becomes of a request's body, which is then passed on as plain text. */
  body: ((text: string) => string) | undefined
  readonly passed: readonly Passed[]
}

export async function startProxy(): Promise<Proxy> {
  const passed: Passed[] = []
  let turn = 0
  const server = createServer(async (request, response) => {
    const bytes = await buffer(request)
    const encoding = request.headers['content-encoding']
    const headers = { ...request.headers }
    let body = bytes
    if (proxy.body && bytes.length > 0) {
      body = Buffer.from(proxy.body((encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8')))
      delete headers['content-encoding']
      delete headers['transfer-encoding']
      headers['content-length'] = String(body.length)
    }
    const { method, url: path = '/' } = request
    const target = `${proxy.targets[turn++ % proxy.targets.length] ?? ''}${path}`
    const forwarded = send(target, { method, headers })
    forwarded.on('error', () => response.destroy())
    forwarded.end(body)
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage]
    const { statusCode: status = 502 } = answer
    const text = await buffer(answer)
    passed.push({ path, encoding, status, reason: status >= 400 ? reasonOf(text) : undefined })
    response.writeHead(status, answer.headers).end(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: Proxy = {
    // A server that listens on TCP has an AddressInfo.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets: [],
    body: undefined,
    passed,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return proxy
}

/** Of a refusal by REST, tRPC or the token endpoint. */
const reasonOf = (text: Buffer): string | undefined => /"reason":"(\w+)"/.exec(text.toString('utf8'))?.[1]
