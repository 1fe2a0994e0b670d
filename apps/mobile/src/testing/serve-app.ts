import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

export type ServedApp = AsyncDisposable & {
  /** `http://127.0.0.1:<port>`; the app lies below `/app/`. */
  readonly origin: string
  /** Goes on with another folder, as a new deployment does. */
  readonly deploy: (folder: string) => void
}

/**
 * The built app under `/app`, and everything else from a server behind it, as one origin, on the loopback alone.
 * @param server address of the server, without a slash at its end
 */
export async function serveApp(folder: string, server: () => string): Promise<ServedApp> {
  let served = folder
  const site = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url ?? '/', 'http://site')
    if (pathname === '/app' || pathname.startsWith('/app/')) void file(served, pathname.slice(4), answer)
    else passOn(asked, answer, server())
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  const address = site.address()
  if (address === null || typeof address === 'string') throw new Error('the site listens on no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    deploy: (next) => {
      served = next
    },
    [Symbol.asyncDispose]: async () => {
      site.closeAllConnections()
      site.close()
      await once(site, 'close')
    },
  }
}

async function file(folder: string, pathname: string, answer: ServerResponse): Promise<void> {
  const wanted = path.join(folder, path.posix.normalize(`/${pathname}`))
  const found = path.extname(wanted) !== '' && existsSync(wanted) ? wanted : path.join(folder, 'index.html')
  const content = await readFile(found)
  answer.setHeader('content-type', TYPES[path.extname(found)] ?? 'application/octet-stream')
  answer.setHeader('cache-control', 'no-cache')
  answer.end(content)
}

function passOn(asked: IncomingMessage, answer: ServerResponse, server: string): void {
  const behind = httpRequest(`${server}${asked.url ?? '/'}`, { method: asked.method, headers: asked.headers })
  behind.on('response', (said) => {
    answer.writeHead(said.statusCode ?? 502, said.headers)
    said.pipe(answer)
    // A live stream says nothing for long, and its head must not wait for that.
    answer.flushHeaders()
  })
  behind.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()))
  answer.on('close', () => behind.destroy())
  asked.pipe(behind)
}
