import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import path from 'node:path'

const APPS = path.resolve(import.meta.dirname, '../../..')
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}
// As the server's own, which forbids code in the page.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; " +
  "img-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'"
const HASHED = /-(?:[\w-]{8}\.(?:js|css)|[0-9a-f]{32}\.js)$/

type Build = ReadonlyMap<string, Buffer>
export type PickServer = (address: string) => 'a' | 'b' | 'neither'

/** Both apps as `npm test` has built them, and the same in which every hashed file has another name. */
function builds(): { a: Build; b: Build } {
  const a = new Map<string, Buffer>()
  for (const [base, app] of [
    ['/app', 'mobile'],
    ['', 'web'],
  ]) {
    const folder = path.join(APPS, app ?? '', 'dist')
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (path.extname(name) in TYPES) a.set(`${base}/${name}`, readFileSync(path.join(folder, name)))
  }
  const names = [...a.keys()].map((name) => path.basename(name)).filter((name) => HASHED.test(name))
  const renamed = (text: string): string =>
    names.reduce((changed, name) => changed.replaceAll(name, other(name)), text)
  const b = new Map(
    [...a].map(([name, bytes]) => [
      renamed(name),
      /\.(?:js|css|html)$/.test(name) ? Buffer.from(renamed(bytes.toString())) : bytes,
    ]),
  )
  return { a, b }
}

/** The same name with other last digits of its hash. */
const other = (name: string): string =>
  name.replace(/(.)\.(js|css)$/, (_all, last: string, type: string) => `${last === '0' ? '1' : '0'}.${type}`)

type MixedSite = AsyncDisposable & {
  readonly origin: string
  /** Whom the next requests reach. */
  pick: PickServer
  /** Addresses that were asked for, in order, and what they were answered. */
  readonly asked: { readonly address: string; readonly status: number }[]
}

let both: ReturnType<typeof builds> | undefined

/** Two servers of different builds behind one address; `pick` says which of them answers. */
export async function mixedSite(pick: PickServer): Promise<MixedSite> {
  both ??= builds()
  const { a, b } = both
  const asked: MixedSite['asked'] = []
  const site = { pick, asked }
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const address = new URL(request.url ?? '/', 'http://site').pathname
    const name = address.endsWith('/') ? `${address}index.html` : address
    const bytes = { a, b, neither: undefined }[site.pick(address)]?.get(name)
    asked.push({ address, status: bytes === undefined ? 404 : 200 })
    if (bytes === undefined) {
      response.writeHead(404, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end('{}')
      return
    }
    response.writeHead(200, {
      'content-type': TYPES[path.extname(name)],
      'content-security-policy': POLICY,
      'cache-control': HASHED.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
    response.end(bytes)
  }
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the site listens on no port')
  return Object.assign(site, {
    origin: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
