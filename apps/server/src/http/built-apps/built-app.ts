import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express'

import { fileAsset, pageAsset } from '../docs/asset.ts'
import { consoleHeaders, fieldAppHeaders } from '../security-headers.ts'

/** A browser app built to files, including `index.html`. */
export type BuiltApp = {
  readonly folder: string
  /** Where it is served: '' for the root, else with a leading slash and no trailing one. */
  readonly base: '' | `/${string}`
  /** Folder of the files whose names change with their content. */
  readonly hashed: string
  /** The headers of all its files. */
  readonly headers: RequestHandler
  /** Addresses under `base` that are not its own. */
  readonly others?: RegExp
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
}

const FOR_GOOD = 'public, max-age=31536000, immutable'

type Handler = (request: Request, response: Response) => Promise<void>

/**
 * An app served by this server (OPS-31, OPS-32): its files, and its first page for every address that a person opens in
 * it. The files are those present at start: no address reaches any other.
 *
 * @returns undefined where it is not built
 */
export function builtApp({ folder, base, hashed, headers, others }: BuiltApp): Router | undefined {
  const page = path.join(folder, 'index.html')
  if (!existsSync(page)) return undefined
  const first = pageAsset(readFileSync(page, 'utf8'))
  // Under its own name too: a service worker caches it by that name, and installs nothing if one of its files is
  // missing.
  const files = filesOf(folder, hashed).set('/index.html', first)
  const router = Router({ caseSensitive: true })
  const served = (req: Request): Handler | undefined => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return undefined
    if (others?.test(req.path)) return undefined
    const file = files.get(req.path)
    if (file) return file
    // Requests of programs and pages get their envelope from the handlers behind this one.
    const isOpened = (req.headers.accept ?? '').includes('text/html') && path.extname(req.path) === ''
    return isOpened ? first : undefined
  }
  const skipOthers = (req: Request, _res: Response, next: NextFunction) =>
    served(req) ? next() : next('router')
  // Its service worker controls the paths below the slash.
  if (base !== '') router.get(base, toFolder(base))
  router.use(base, skipOthers, headers, (req: Request, res: Response) => served(req)?.(req, res))
  return router
}

const toFolder =
  (base: string) =>
  (req: Request, res: Response, next: NextFunction): void => {
    if (req.path === base) res.redirect(308, `${base}/`)
    else next()
  }

function filesOf(folder: string, hashed: string): Map<string, Handler> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    name.split(path.sep).join('/'),
  )
  return new Map(
    names.flatMap((name): [string, Handler][] => {
      const type = TYPES[path.extname(name)]
      if (type === undefined) return []
      const cacheControl = name.startsWith(hashed) ? FOR_GOOD : undefined
      return [[`/${name}`, fileAsset(path.join(folder, name), type, cacheControl)]]
    }),
  )
}

const APPS = path.resolve(import.meta.dirname, '../../../..')

/** The apps that `npm start` builds, the narrower address first. @param https see `apiHeaders` */
export const builtApps = (https: boolean): readonly BuiltApp[] => [
  {
    folder: path.join(APPS, 'mobile/dist'),
    base: '/app',
    hashed: '_expo/static/',
    headers: fieldAppHeaders(https),
  },
  {
    folder: path.join(APPS, 'web/dist'),
    base: '',
    hashed: 'assets/',
    headers: consoleHeaders(https),
    others: /^\/(?:v1|trpc|oauth|\.well-known|docs|app)(?:\/|$)/,
  },
]
