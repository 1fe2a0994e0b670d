import { randomUUID } from 'node:crypto'

import type { RequestInfo } from '@fieldsync/services'

/** Names what an operator does, for the audit: by the command line, or the server by itself at start. */
export function adminRequest(via: 'cli' | 'system'): RequestInfo {
  const id = randomUUID()
  const requestId = `${via}-${id}`
  return { requestId, traceId: id.replaceAll('-', ''), via, idempotencyKey: requestId }
}
