import type { AuditEntry } from '@fieldsync/contracts'
import type { AuditBody, AuditChange } from '@fieldsync/domain'

/** A row of the chain as it is stored. */
export type AuditRow = { seq: bigint; body: string; hash: string }

/** The entries of a row, one per change; of one without changes a single entry (AUD-11). Any body version is read. */
export function entriesOf({ body: text, hash }: AuditRow): AuditEntry[] {
  // Bodies are written by this server; the chain shows if anybody else did.
  const body = JSON.parse(text) as AuditBody
  const changes: (AuditChange | null)[] = body.chg.length === 0 ? [null] : [...body.chg]
  return changes.map((change, index) => ({
    entryId: `${body.seq}.${index}`,
    seq: body.seq,
    at: body.at,
    action: body.act,
    actor: change?.cause ? SYSTEM : actorOf(body.actor),
    target: change ? { type: change.type, id: change.id } : body.tgt,
    ...holderOf(change, body.tgt),
    change: change && changeOf(change),
    outcome: change?.code === undefined ? body.out : { ok: false, code: change.code },
    ...(body.why === undefined ? {} : { reason: body.why }),
    request: { requestId: body.req.id, idempotencyKey: body.req.idem, bodySha256: body.req.bodySha256 },
    hash,
  }))
}

/** Of what the server itself has done in consequence of a call (REC-22). */
const SYSTEM: AuditEntry['actor'] = {
  kind: 'system',
  deviceId: null,
  role: null,
  keyFingerprint: null,
  personId: null,
  authentication: null,
}

/** Whose grant it is: the target of a row that changes one is its holder. */
const holderOf = (change: AuditChange | null, target: AuditBody['tgt']): Pick<AuditEntry, 'holder'> =>
  change?.type === 'grant' && target?.type === 'device' ? { holder: target.id } : {}

const actorOf = (actor: AuditBody['actor']): AuditEntry['actor'] => ({
  kind: kindOf(actor),
  deviceId: actor.dev,
  role: actor.role,
  keyFingerprint: actor.client,
  personId: actor.usr,
  ...(actor.auth === undefined ? {} : { authentication: actor.auth && { kind: actor.auth, jti: actor.jti } }),
})

function kindOf({ usr, dev }: AuditBody['actor']): AuditEntry['actor']['kind'] {
  if (usr !== null) return 'user'
  if (dev === null) return 'system'
  return dev.startsWith('dev_svc_') ? 'service' : 'device'
}

const changeOf = ({
  after,
  before,
  cause,
  edit,
  kind,
  paths,
}: AuditChange): NonNullable<AuditEntry['change']> => ({
  kind,
  beforeSha256: before,
  afterSha256: after,
  paths: [...(paths ?? [])],
  ...(edit && {
    edit: {
      patchId: edit.patch,
      reason: edit.reason,
      oldVersion: edit.from,
      newVersion: edit.version,
      places: edit.places.map((place) => ({
        path: place.path,
        beforeSha256: place.before,
        afterSha256: place.after,
      })),
    },
  }),
  ...(cause && {
    cause: {
      playbookId: cause.playbook,
      playbookVersion: cause.version,
      patchId: cause.patch,
      supersedes: cause.supersedes,
      decided: cause.decided,
    },
  }),
})
