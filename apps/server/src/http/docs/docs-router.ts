import { createRequire } from 'node:module'
import path from 'node:path'

import { Router } from 'express'

import { pageHeaders } from '../security-headers.ts'
import { fileAsset, pageAsset } from './asset.ts'

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

/** The page at `/`: what this server is, and links. Static, so that no input reaches it. */
function landingPage(version: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Fieldsync</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/page.css">
</head>
<body>
<main>
<h1>Fieldsync</h1>
<p>The sync server for vineyard scouts is running. Version ${version}.</p>
<ul>
<li><a href="/docs">API reference</a></li>
<li><a href="/v1/openapi.json">OpenAPI document</a></li>
<li><a href="/v1/health">Health</a></li>
</ul>
</main>
</body>
</html>
`
}

/** The page at `/docs`; everything it loads is below `/docs/` (OPS-3). */
const REFERENCE_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Fieldsync API</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/page.css">
</head>
<body>
<div id="reference"></div>
<noscript><p>This page needs JavaScript. The document itself is at
<a href="/v1/openapi.json">/v1/openapi.json</a>.</p></noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/docs.js"></script>
</body>
</html>
`
