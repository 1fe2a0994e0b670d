import { randomBytes } from 'node:crypto'

import type { WorkspaceWrite } from '@fieldsync/db'
import {
  AUDIT_BODY_VERSION,
  type AuditBody,
  type AuditChange,
  auditTemplate,
  type AuthenticationKind,
  type PersonalCommitment,
} from '@fieldsync/domain'

import type { AuthenticatedActor } from '../core/actor.ts'
import type { ServiceContext } from '../core/context.ts'

const SECRET_BYTES = 32

/** What one transaction is for, as its audit row says it (AUD rules). */
export type AuditRecord = {
  action: string
  at: Date
  changes: readonly AuditChange[]
  target: AuditBody['tgt']
  requestSha256: string | null
  outcome: AuditBody['out']
  /** In the words of who did it. */
  reason?: string
  /** In the place of names and addresses (AUD-34). */
  personal?: readonly PersonalCommitment[]
}

/**
 * A write of the caller that changes nothing yet, to be completed with `...`: what every write has, and its audit row.
 * The operation is the audited action unless the caller completes it with another.
 */
export function baseWrite(ctx: ServiceContext, record: AuditRecord): WorkspaceWrite {
  const { actor } = ctx
  return {
    workspaceId: actor.workspaceId,
    deviceId: actor.deviceId,
    epoch: actor.kind === 'system' ? null : actor.epoch,
    operation: record.action,
    now: record.at,
    ...auditText(ctx, record),
    idempotencyKey: null,
    syncId: null,
    requestSha256: null,
    cursor: null,
    position: 0,
    head: null,
    maxRecords: null,
    maxBytes: 0,
    // Unless what it was decided on is known.
    exclusive: true,
    touches: [],
    guards: [],
    moved: [],
    newObservations: [],
    newObservationDocuments: [],
    changedObservations: [],
    changedObservationDocuments: [],
    corrections: [],
    newRecommendations: [],
    newRecommendationDocuments: [],
    changedRecommendations: [],
    changedRecommendationDocuments: [],
    playbooks: [],
    versions: [],
    patches: [],
    conflicts: [],
    positions: 0,
    stateDelta: null,
    secret: randomBytes(SECRET_BYTES),
    metadata: null,
    metadataMicros: null,
    report: null,
    resolved: null,
    responseStart: '',
    responseMiddle: '',
    responseEnd: '',
    counts: null,
    jobs: null,
  }
}

/** The audit row of one transaction, around its number, which the database gives (AUD rules). */
export function auditText(
  { actor, request }: Pick<ServiceContext, 'actor' | 'request'>,
  record: AuditRecord,
): { auditPrefix: string; auditSuffix: string } {
  const { prefix, suffix } = auditTemplate({
    v: AUDIT_BODY_VERSION,
    ws: actor.workspaceId,
    at: record.at.toISOString(),
    act: record.action,
    actor: auditedActor(actor, request.via),
    chg: record.changes,
    tgt: record.target,
    req: { id: request.requestId, idem: request.idempotencyKey || null, bodySha256: record.requestSha256 },
    out: record.outcome,
    ...(record.personal?.length ? { pii: record.personal } : {}),
    ...(record.reason === undefined ? {} : { why: record.reason }),
  })
  return { auditPrefix: prefix, auditSuffix: suffix }
}

/** Who called, and how they have authenticated (AUD-15). */
const auditedActor = (actor: AuthenticatedActor, via: string): AuditBody['actor'] =>
  actor.kind === 'system'
    ? { auth: null, usr: null, dev: null, client: null, role: null, jti: null, via }
    : {
        auth: authenticationOf(actor),
        usr: actor.personId ?? null,
        dev: actor.deviceId,
        client: actor.proven?.thumbprint ?? null,
        role: actor.role,
        jti: actor.proven?.jti ?? actor.bearerJti ?? null,
        via,
      }

function authenticationOf({ bearerJti, personId, proven }: AuthenticatedActor): AuthenticationKind {
  if (proven) return 'key'
  if (bearerJti !== undefined) return 'bearer'
  return personId === undefined ? 'token' : 'session'
}
