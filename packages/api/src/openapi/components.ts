import { MAX_ID_LENGTH } from '@fieldsync/contracts'
import type { ZodOpenApiComponentsObject } from 'zod-openapi'

import { ERROR_EXAMPLES } from './error-responses.ts'

/** Headers and credentials that operations share. */
export const COMPONENTS: ZodOpenApiComponentsObject = {
  securitySchemes: {
    deviceToken: {
      type: 'apiKey',
      in: 'header',
      name: 'X-Device-Token',
      description: 'The pre-shared token of a device.',
    },
    bearer: {
      type: 'http',
      scheme: 'bearer',
      description:
        'The same token as `Authorization: Bearer`, or an access token of a service that has a secret. With both headers, both must verify and identify the same device.',
    },
    dpop: {
      type: 'http',
      scheme: 'dpop',
      description:
        'An access token of `/oauth/token`, as `Authorization: DPoP`, with a proof of possession in the header `DPoP` (RFC 9449): its claim `htd` is the SHA-256 of the decoded body.',
    },
  },
  examples: ERROR_EXAMPLES,
  parameters: {
    DPoP: {
      name: 'DPoP',
      in: 'header',
      required: true,
      description: 'A proof of possession by the key in the body (RFC 9449), over this request and its body.',
      schema: { type: 'string' },
    },
    'Idempotency-Key': {
      name: 'Idempotency-Key',
      in: 'header',
      required: true,
      description:
        'Minted by the client for one write and sent again with every retry of it; bare or as a quoted string.',
      schema: { type: 'string', minLength: 1, maxLength: MAX_ID_LENGTH },
      example: 'sync_01KH7XT5C3N8R0F6M2V9S4WEJA',
    },
  },
  headers: {
    'X-Request-Id': {
      description:
        'Identifies this request in the server’s log; the caller’s own `X-Request-Id` if it is a plain token.',
      schema: { type: 'string' },
    },
    'Idempotency-Replayed': {
      description:
        '`true` on an answer that was stored by an earlier request with the same key; otherwise absent.',
      schema: { type: 'string', enum: ['true'] },
    },
    Link: {
      description: 'Where the next page is (RFC 8288), as `<…>; rel="next"`; absent on the last one.',
      schema: { type: 'string' },
    },
    'Retry-After': {
      description: 'Seconds to wait before the next attempt (RFC 9110).',
      schema: { type: 'integer', minimum: 1 },
    },
  },
}
