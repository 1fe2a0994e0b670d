import { storableText } from '../text.ts'

const SHOWN = 128

const escape = (segment: string): string => segment.replaceAll('~', '~0').replaceAll('/', '~1')

// A hostile key must not make the answer huge or unstorable: truncate first, then repair what the cut or the key broke.
const shown = (segment: PropertyKey): string => storableText(String(segment).slice(0, SHOWN), '\uFFFD')

/**
 * A JSON Pointer (RFC 6901) from path segments. Keys that cannot be stored are shown with U+FFFD, long ones truncated.
 */
export const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((segment) => `/${escape(shown(segment))}`).join('')
