import { randomUUID } from 'node:crypto'

import type { RequestInfo } from '@fieldsync/services'

/** Identifies an operator's action for the audit: by the command line, or by the server itself at start. */
export function adminRequest(via: 'cli' | 'system'): RequestInfo {
  const id = randomUUID()
  const requestId = `${via}-${id}`
  return { requestId, traceId: id.replaceAll('-', ''), via, idempotencyKey: requestId }
}
