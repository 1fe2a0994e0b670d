import path from 'node:path'

import { tools } from './root.mjs'

// npm tells its children about itself in npm_* variables. Another npm or pnpm would treat them as its own settings;
// only those on how to reach the registry are kept.
const NPM = /^npm_/i
const KEPT = /^npm_config_(registry|cafile|ca|strict_ssl|.*proxy|userconfig|globalconfig|cache|.*auth.*)$/i

/** The environment for everything started from here. */
export function baseEnvironment() {
  const entries = Object.entries(process.env).filter(([name]) => !NPM.test(name) || KEPT.test(name))
  return {
    NODE_COMPILE_CACHE: path.join(tools, 'compile-cache'),
    ...Object.fromEntries(entries),
    PATH: process.env.PATH ?? '',
    CHECKPOINT_DISABLE: '1',
    DO_NOT_TRACK: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  }
}
