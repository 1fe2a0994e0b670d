import type { IncomingHttpHeaders } from 'node:http'

import { unsupportedMediaType } from '../core/refusals.ts'

export type BodyEncoding = 'identity' | 'gzip'

/**
 * How the body is encoded (HDR-2).
 * @throws ServiceError UNSUPPORTED_MEDIA_TYPE unless it is JSON in UTF-8, plain or gzip
 */
export function bodyEncoding(headers: IncomingHttpHeaders): BodyEncoding {
  const type = headers['content-type']
  if (type !== 'application/json' && !isJson(type)) {
    throw unsupportedMediaType('The body must be application/json in UTF-8')
  }
  const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw unsupportedMediaType('Content-Encoding must be gzip or identity')
  }
  return encoding
}

function isJson(contentType: string | undefined): boolean {
  const [type = '', ...parameters] = (contentType ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  return (
    type === 'application/json' &&
    parameters.every((parameter) => !parameter.startsWith('charset') || /^charset="?utf-8"?$/.test(parameter))
  )
}
