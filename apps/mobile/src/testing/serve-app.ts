import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import path from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

type ServedApp = AsyncDisposable & {
  /** `http://127.0.0.1:<port>`; the app lies below `/app/`. */
  readonly origin: string
  /** Goes on with another folder, as a new deployment does. */
  readonly deploy: (folder: string) => void
}

/** The built app alone, on the loopback: the server reads its files once, and a test cannot give it others. */
export async function serveApp(folder: string): Promise<ServedApp> {
  let served = folder
  const site = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url ?? '/', 'http://site')
    if (pathname.startsWith('/app/')) file(served, pathname.slice(4), answer).catch(() => answer.destroy())
    else answer.writeHead(404).end()
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
