// Bundles the app for iOS and Android and throws the bundles away: they must come to be, no more.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { exportApp } from './export-app.mjs'

const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-bundles-'))
try {
  await exportApp(path.resolve(import.meta.dirname, '..'), folder, ['ios', 'android'])
} finally {
  rmSync(folder, { recursive: true, force: true })
}
