/** Below this many characters compression costs more than it saves. */
const WORTH_PACKING = 1024

/** A body ready for the wire, with the headers that describe it. */
export type PackedBody = {
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
