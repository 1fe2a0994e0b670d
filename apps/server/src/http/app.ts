import { type ApiOptions, createApi } from '@fieldsync/api'
import express, { type Express } from 'express'

import type { ServerEnv } from '../env/server-env.ts'
import { consoleRouter } from './console/console-router.ts'
import { docsRouter } from './docs/docs-router.ts'
import { apiHeaders } from './security-headers.ts'
import { sendNotFound } from './shell-answer.ts'

export type AppOptions = ApiOptions &
  Pick<ServerEnv, 'trustProxy'> & {
    /** Where the built console lies; without it a page says where to read on. */
    readonly consoleFolder?: string
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
  const console = options.consoleFolder && consoleRouter(https, options.consoleFolder)
  if (console) app.use(console)
  app.use(docsRouter(options.version, https))
  app.use(sendNotFound)
  return app
}
