import { type ApiOptions, createApi } from '@fieldsync/api'
import express, { type Express } from 'express'

import type { ServerEnv } from '../env/server-env.ts'
import { builtApp, type BuiltApp } from './built-apps/built-app.ts'
import { docsRouter } from './docs/docs-router.ts'
import { apiHeaders } from './security-headers.ts'
import { sendNotFound } from './shell-response.ts'

export type AppOptions = ApiOptions &
  Pick<ServerEnv, 'trustProxy'> & {
    /** The apps for browsers; if none is served at `/`, a page links to the documentation. */
    readonly apps?: readonly BuiltApp[]
  }

/** The Express application: security headers, the API, the pages for people, and an envelope for everything else. */
export function createApp(options: AppOptions): Express {
  const https = options.publicUrl?.startsWith('https:') ?? false
  const app = express()
  app.disable('x-powered-by')
  // Answers of the API are never cached; hashing each would be wasted.
  app.disable('etag')
  app.set('trust proxy', options.trustProxy ?? false)
  app.use(apiHeaders(https))
  app.use(createApi(options))
  for (const each of options.apps ?? []) {
    const served = builtApp(each)
    if (served) app.use(served)
  }
  app.use(docsRouter(options.version, https))
  app.use(sendNotFound)
  return app
}
