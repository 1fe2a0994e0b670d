// The app for browsers, in `dist/`: Expo's export, and a service worker that keeps all of it for use without a network.
import path from 'node:path'

import { generateSW } from 'workbox-build'

import { exportApp } from './export-app.mjs'

const APP = path.resolve(import.meta.dirname, '..')
const DIST = path.join(APP, 'dist')

await exportApp(APP, DIST, ['web'])
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
  clientsClaim: true,
  skipWaiting: false,
  inlineWorkboxRuntime: true,
  sourcemap: false,
})
for (const warning of warnings) console.error(warning)
console.log(`${count} files, ${Math.round(size / 1024)} KB, kept for use without a network`)
