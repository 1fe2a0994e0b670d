import { once } from 'node:events'
import { createServer } from 'node:http'

import type { PageBundle } from './page-bundle.ts'

export type PageServer = AsyncDisposable & {
  /** `http://127.0.0.1:<port>`, an origin that browsers trust as they trust HTTPS. */
  readonly origin: string
  readonly port: number
}

/** Serves an empty page that runs a bundle, on the loopback alone. */
export async function servePage(bundle: PageBundle): Promise<PageServer> {
  const server = createServer((request, response) => {
    const script = request.url === '/page.js'
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(
      script ? bundle : '<!doctype html><title>page</title><script type="module" src="/page.js"></script>',
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
