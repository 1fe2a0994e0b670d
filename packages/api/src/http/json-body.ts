import type { IncomingMessage } from 'node:http'

import type { ApiLimits } from '../core/api-options.ts'
import { malformedBody, notJson } from '../core/refusals.ts'
import type { BodyEncoding } from './media-type.ts'
import { readBody } from './read-body.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a request body as text.
 * @throws ServiceError VALIDATION_ERROR if it is not UTF-8; else as {@link readBody}
 */
export async function readText(
  req: IncomingMessage,
  encoding: BodyEncoding,
  limits: ApiLimits,
  take: (bytes: number) => boolean,
): Promise<string> {
  const bytes = await readBody(req, encoding, limits, take)
  try {
    return utf8.decode(bytes)
  } catch {
    throw malformedBody('is not valid UTF-8')
  }
}

/**
 * @throws ServiceError VALIDATION_ERROR with the position of the JSON syntax error, without repeating any of the body
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw malformedBody(notJson(error))
  }
}
