import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { type NextFunction, type Request, type Response, Router } from 'express'

import { fileAsset, pageAsset } from '../docs/asset.ts'
import { consoleHeaders } from '../security-headers.ts'

/** Where the build of `apps/web` lies. */
export const CONSOLE_FOLDER = path.resolve(import.meta.dirname, '../../../../web/dist')

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

// Their names change with their content.
const FOR_GOOD = 'public, max-age=31536000, immutable'

/**
 * The console from this server itself (OPS-31): its files, and its first page for every address that a person opens in
 * it. Files are those that lie there at start, each a route of its own: no address reaches any other.
 *
 * @returns undefined where it is not built
 */
export function consoleRouter(https: boolean, folder: string): Router | undefined {
  const page = path.join(folder, 'index.html')
  if (!existsSync(page)) return undefined
  const router = Router({ caseSensitive: true })
  const headers = consoleHeaders(https)
  const serve = (name: string, cacheControl?: string) => {
    const type = TYPES[path.extname(name)]
    if (type !== undefined)
      router.get(`/${name}`, headers, fileAsset(path.join(folder, name), type, cacheControl))
  }
  for (const name of readdirSync(folder)) serve(name)
  for (const name of readdirSync(path.join(folder, 'assets'))) serve(`assets/${name}`, FOR_GOOD)
  router.get('/{*address}', skipUnlessOpened, headers, pageAsset(readFileSync(page, 'utf8')))
  return router
}

/** What a program or a page asks for gets its envelope from those behind. */
function skipUnlessOpened(req: Request, _res: Response, next: NextFunction): void {
  const isOpened = (req.headers.accept ?? '').includes('text/html')
  if (isOpened && !/^\/(?:v1|trpc|docs|assets|app)(?:\/|$)/.test(req.path)) next()
  else next('route')
}
