import { createRequire } from 'node:module'
import path from 'node:path'

import { Router } from 'express'

import { pageHeaders } from '../security-headers.ts'
import { fileAsset, pageAsset } from './asset.ts'
import { landingPage } from './landing-page.ts'
import { REFERENCE_PAGE } from './reference-page.ts'

const require = createRequire(import.meta.url)

const SCRIPT = 'text/javascript; charset=utf-8'
const STYLE = 'text/css; charset=utf-8'

/** The pages for people: `/` and the API reference at `/docs`, with Swagger UI from this server itself (OPS-3). */
export function docsRouter(version: string, https: boolean): Router {
  const swaggerUi = path.dirname(require.resolve('swagger-ui-dist/package.json'))
  const router = Router({ caseSensitive: true })
  const headers = pageHeaders(https)
  router.get('/', headers, pageAsset(landingPage(version)))
  router.get('/docs', headers, pageAsset(REFERENCE_PAGE))
  router.get('/docs/docs.js', fileAsset(path.join(import.meta.dirname, 'docs.js'), SCRIPT))
  router.get('/docs/page.css', fileAsset(path.join(import.meta.dirname, 'page.css'), STYLE))
  router.get('/docs/swagger-ui.css', fileAsset(path.join(swaggerUi, 'swagger-ui.css'), STYLE))
  router.get('/docs/swagger-ui-bundle.js', fileAsset(path.join(swaggerUi, 'swagger-ui-bundle.js'), SCRIPT))
  router.get('/docs/favicon-32x32.png', fileAsset(path.join(swaggerUi, 'favicon-32x32.png'), 'image/png'))
  return router
}
