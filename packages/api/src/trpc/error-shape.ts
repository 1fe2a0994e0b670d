import { ERROR_TABLE, type ErrorCode, type ErrorEnvelope } from '@fieldsync/contracts'
import { TRPC_ERROR_CODES_BY_KEY, type TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc'

type Status = (typeof ERROR_TABLE)[ErrorCode]['status']

const TRPC_CODES: Readonly<Record<Status, TRPC_ERROR_CODE_KEY>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  409: 'CONFLICT',
  // tRPC has no name of its own for it; `httpStatus` and the envelope have the status.
  410: 'NOT_FOUND',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
}

/** tRPC's own name for an error code of the protocol. */
export const trpcCode = (code: ErrorCode): TRPC_ERROR_CODE_KEY => TRPC_CODES[ERROR_TABLE[code].status]

/** The content of `error.data` for a tRPC client: tRPC's usual fields and the envelope that REST sends (ERR-2). */
export type TrpcErrorData = {
  code: TRPC_ERROR_CODE_KEY
  httpStatus: number
  path?: string
  envelope: ErrorEnvelope
}

/** An error as sent to a tRPC client. */
export function trpcErrorShape(envelope: ErrorEnvelope, path?: string) {
  const { code, message } = envelope.error
  const key = trpcCode(code)
  const data: TrpcErrorData = {
    code: key,
    httpStatus: ERROR_TABLE[code].status,
    ...(path === undefined ? {} : { path }),
    envelope,
  }
  return { code: TRPC_ERROR_CODES_BY_KEY[key], message, data }
}
