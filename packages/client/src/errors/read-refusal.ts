import { z } from 'zod'

/** An error envelope as received, whatever its code. */
export type Refusal = {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly requestId: string
  readonly traceId: string
  readonly details: unknown
  readonly retryAfterMs: number | undefined
  /** The server's clock, milliseconds since 1970; undefined where it is not stated. */
  readonly serverTime?: number | undefined
}

const Envelope = z.object({
  requestId: z.string(),
  timestamp: z.string().optional(),
  error: z.object({
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    traceId: z.string(),
    details: z.unknown().optional(),
  }),
})
const TrpcError = z.object({ error: z.object({ data: z.object({ envelope: Envelope }) }) })

/**
 * Reads a refusal from an answer of either transport (ERR-1, ERR-2); undefined for anything that no Fieldsync server
 * sends.
 *
 * @param json a REST envelope, or a tRPC error around one
 */
export function readRefusal(
  json: unknown,
  answer: { readonly status: number; readonly retryAfterMs?: number | undefined },
): Refusal | undefined {
  const parsed = Envelope.safeParse(json)
  const envelope = parsed.success ? parsed.data : TrpcError.safeParse(json).data?.error.data.envelope
  if (!envelope) return undefined
  const { code, message, retryable, traceId, details } = envelope.error
  const { requestId, timestamp } = envelope
  const serverTime = instantOf(timestamp)
  const { status, retryAfterMs } = answer
  return { status, code, message, retryable, requestId, traceId, details, retryAfterMs, serverTime }
}

/** Milliseconds since 1970 of an instant as servers state it; undefined for what is none. */
export function instantOf(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : at
}
