import path from 'node:path'

import { consoleHeaders, fieldAppHeaders } from '../security-headers.ts'
import type { BuiltApp } from './built-app.ts'

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
    others: /^\/(?:v1|trpc|docs|app)(?:\/|$)/,
  },
]
