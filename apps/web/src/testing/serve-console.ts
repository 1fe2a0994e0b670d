import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import path from 'node:path'

const DIST = path.resolve(import.meta.dirname, '../../dist')

/** What the pages need and no more: no inline script or style, nothing from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

export type ConsoleServer = AsyncDisposable & { readonly origin: string }

/** The built console under a strict policy, in front of a server: one origin for both, on the loopback alone. */
export async function serveConsole(api: string): Promise<ConsoleServer> {
  if (!existsSync(path.join(DIST, 'index.html'))) {
    throw new Error('there is no built console: pnpm --filter @fieldsync/web build')
  }
  const server = createServer((incoming, answer) => {
    const { pathname } = new URL(incoming.url ?? '/', api)
    if (/^\/(?:v1|trpc)\//.test(pathname)) passOn(api, incoming, answer)
    else sendFile(pathname, answer)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function sendFile(pathname: string, answer: ServerResponse): void {
  const file = path.join(DIST, path.normalize(pathname))
  const type = TYPES[path.extname(file)]
  const found = type !== undefined && existsSync(file) ? file : path.join(DIST, 'index.html')
  answer.setHeader('content-type', TYPES[path.extname(found)] ?? 'text/plain')
  answer.setHeader('content-security-policy', POLICY)
  answer.end(readFileSync(found))
}

function passOn(api: string, incoming: IncomingMessage, answer: ServerResponse): void {
  const { method, headers, url = '/' } = incoming
  const onward = request(
    `${api}${url}`,
    { method, headers: { ...headers, host: new URL(api).host } },
    (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(answer)
    },
  )
  onward.on('error', () => answer.destroy())
  answer.on('close', () => onward.destroy())
  incoming.pipe(onward)
}
