// The app for browsers, in `dist/`: Expo's export, and a service worker that keeps all of it for use without a network.
import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { startPage } from '@fieldsync/design'
import { generateSW } from 'workbox-build'

import { exportApp } from './export-app.mjs'

const APP = path.resolve(import.meta.dirname, '..')
const DIST = path.join(APP, 'dist')
const START_PAGE = path.resolve(APP, '../../packages/design/src/start-page')

await exportApp(APP, DIST, ['web'])
const PAGE = path.join(DIST, 'index.html')
const isHashed = (file) => file.startsWith('/app/_expo/static/')
writeFileSync(PAGE, startPage(readFileSync(PAGE, 'utf8'), { base: '/app', isHashed }))
for (const file of ['start.js', 'start.css']) copyFileSync(path.join(START_PAGE, file), path.join(DIST, file))

// What is kept is of one build, whichever server answers while another is being installed: the browser compares (APP-42).
const withIntegrity = (entry) => {
  const bytes = readFileSync(path.join(DIST, entry.url.slice('/app/'.length)))
  return { ...entry, integrity: `sha256-${createHash('sha256').update(bytes).digest('base64')}` }
}
const { count, size, warnings } = await generateSW({
  mode: 'production',
  globDirectory: DIST,
  globPatterns: ['**/*'],
  globIgnores: ['sw.js', 'metadata.json'],
  swDest: path.join(DIST, 'sw.js'),
  // Every address of the app is the one page; the service worker is only ever asked about its own.
  navigateFallback: '/app/index.html',
  navigateFallbackAllowlist: [/^\/app(?:\/|$)/],
  dontCacheBustURLsMatching: /_expo\/static\//,
  modifyURLPrefix: { '': '/app/' },
  manifestTransforms: [(entries) => ({ manifest: entries.map(withIntegrity) })],
  clientsClaim: true,
  skipWaiting: false,
  inlineWorkboxRuntime: true,
  sourcemap: false,
})
for (const warning of warnings) console.error(warning)
console.log(`${count} files, ${Math.round(size / 1024)} KB, kept for use without a network`)
