import type { RequestHandler } from 'express'
import helmet from 'helmet'

type Directives = Record<string, string[]>

/** Data for programs: a browser that opens an answer may load and run nothing. */
const API_POLICY: Directives = { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] }

/** The server's own pages load their own files only; the reference page also calls the API. */
const PAGE_POLICY: Directives = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
}

/** The console's pages load their own files and call the API; nothing is written into a page. */
const CONSOLE_POLICY: Directives = { ...PAGE_POLICY, 'img-src': ["'self'"] }

/** @param https whether clients reach the server over TLS; only then HSTS is sent. */
export function apiHeaders(https: boolean): RequestHandler {
  return headersWith(API_POLICY, https)
}

/** The same for pages that a browser shows. */
export function pageHeaders(https: boolean): RequestHandler {
  return headersWith(PAGE_POLICY, https)
}

// The hash of an empty text: React Native for the web creates an empty style element, and fills it by script.
const EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"

/** The field app is cached by a service worker, and may be configured for another server. */
const FIELD_APP_POLICY: Directives = {
  ...CONSOLE_POLICY,
  'style-src': ["'self'", EMPTY_STYLE],
  'connect-src': ["'self'", 'https:'],
  'worker-src': ["'self'"],
  'manifest-src': ["'self'"],
}

/** The same for the console. */
export function consoleHeaders(https: boolean): RequestHandler {
  return headersWith(CONSOLE_POLICY, https)
}

/** The same for the field app. */
export function fieldAppHeaders(https: boolean): RequestHandler {
  return headersWith(FIELD_APP_POLICY, https)
}

function headersWith(directives: Directives, https: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    strictTransportSecurity: https,
    xFrameOptions: { action: 'deny' },
    // Only Internet Explorer supports these; they cost every answer some bytes.
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xXssProtection: false,
  })
}
