import type { Refusal } from '../errors/read-refusal.ts'

/** What is known about compressed bodies on the path to one server, while a program runs (HDR-6). */
export class Compression {
  /** Compressed bodies do not get through, and uncompressed ones do. */
  isOff = false
  /** The body that was also refused uncompressed: it is not sent twice each time. */
  #refusedBoth: string | undefined

  /** Whether to retry a body without compression after its compressed form was refused. */
  isWorthATry(body: string): boolean {
    return !this.isOff && body !== this.#refusedBoth
  }

  /** The outcome of that retry. */
  tried(body: string, gotThrough: boolean): void {
    if (gotThrough) this.isOff = true
    else this.#refusedBoth = body
  }
}

// These are about the caller, its pace or the size, whatever the encoding.
const OTHER_REASONS: ReadonlySet<number> = new Set([401, 407, 408, 413, 425, 429])

/**
 * True if an answer may be about the encoding of the body: an intermediary refuses it with an answer of its own, or has
 * decompressed it and kept the header, or has dropped the header, so that the server cannot read the body as a whole.
 *
 * @param refusal the server's own, if the answer is one
 */
export function mayBeAboutEncoding(status: number, refusal: Refusal | undefined): boolean {
  if (!refusal) return status >= 400 && status < 500 && !OTHER_REASONS.has(status)
  if (refusal.code === 'UNSUPPORTED_MEDIA_TYPE') return true
  return refusal.code === 'VALIDATION_ERROR' && isAboutWholeBody(refusal.details)
}

function isAboutWholeBody(details: unknown): boolean {
  if (typeof details !== 'object' || details === null || !('issues' in details)) return false
  const { issues } = details
  return Array.isArray(issues) && issues.length > 0 && issues.every((issue: unknown) => pathOf(issue) === '')
}

const pathOf = (issue: unknown): unknown =>
  typeof issue === 'object' && issue !== null && 'path' in issue ? issue.path : undefined

/** Below this many characters compression costs more than it saves. */
const WORTH_PACKING = 1024

/** A body ready for the wire, with the headers that describe it. */
type PackedBody = {
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly headers: Readonly<Record<string, string>>
}

/** Compresses a JSON text with gzip where it is worth it and the platform can (HDR-2). @param uncompressed never */
export async function packed(text: string, uncompressed = false): Promise<PackedBody> {
  const headers = { 'content-type': 'application/json' }
  const isShort = text.length <= WORTH_PACKING
  if (uncompressed || isShort || typeof CompressionStream === 'undefined') return { body: text, headers }
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))
  const body = new Uint8Array(await new Response(stream).arrayBuffer())
  return { body, headers: { ...headers, 'content-encoding': 'gzip' } }
}
