import { once } from 'node:events'
import { createServer } from 'node:http'

import { build } from 'vite'

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

/** JavaScript for a page. */
export type PageBundle = string

/**
 * Bundles a module with all it imports for a browser, as it is: nothing is made smaller, so that a stack says something.
 * @param entry absolute path of the module
 * @param alias modules to be replaced by others, by absolute path
 */
export async function bundlePage(
  entry: string,
  alias: Readonly<Record<string, string>> = {},
): Promise<PageBundle> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { ...alias } },
    // What libraries ask of Node's environment has one answer in a page.
    define: { 'process.env.NODE_ENV': '"test"' },
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      lib: { entry, formats: ['es'], fileName: 'page' },
    },
  })
  const [output] = Array.isArray(built) ? built : [built]
  if (output === undefined || !('output' in output)) throw new Error(`${entry} gave no bundle`)
  return output.output[0].code
}
