import type { Actor, AuditBody } from '@fieldsync/domain'

import { instantOf } from './batch.ts'
import type { ModelWorkspace } from './model-state.ts'

type Said = Pick<AuditBody, 'act' | 'chg' | 'tgt'> & Partial<Pick<AuditBody, 'req'>>

/** Appends the row of one stored write (AUD rules). @param actor undefined where the server itself acts */
export function appendAudit(
  { workspaceId, audit }: ModelWorkspace,
  actor: Actor | undefined,
  now: number,
  said: Said,
): void {
  audit.push({
    v: 1,
    ws: workspaceId,
    seq: audit.length + 1,
    at: instantOf(now),
    actor: {
      usr: null,
      dev: actor?.deviceId ?? null,
      client: null,
      role: actor?.role ?? null,
      jti: null,
      via: actor ? 'rest' : 'system',
    },
    req: { id: null, idem: null, bodySha256: null },
    out: { ok: true, code: null },
    ...said,
  })
}
