import type { AuditEntry } from '@fieldsync/contracts'

type Value = string | number | boolean | null | undefined
type Column = readonly [name: string, value: (entry: AuditEntry) => Value]

/** One line for each entry; what has several values has them with spaces between. */
const COLUMNS: readonly Column[] = [
  ['entryId', ({ entryId }) => entryId],
  ['at', ({ at }) => at],
  ['action', ({ action }) => action],
  ['actorKind', ({ actor }) => actor.kind],
  ['personId', ({ actor }) => actor.personId],
  ['deviceId', ({ actor }) => actor.deviceId],
  ['role', ({ actor }) => actor.role],
  ['authentication', ({ actor }) => actor.authentication?.kind],
  ['keyFingerprint', ({ actor }) => actor.keyFingerprint],
  ['jti', ({ actor }) => actor.authentication?.jti],
  ['targetType', ({ target }) => target?.type],
  ['targetId', ({ target }) => target?.id],
  ['change', ({ change }) => change?.kind],
  ['beforeSha256', ({ change }) => change?.beforeSha256],
  ['afterSha256', ({ change }) => change?.afterSha256],
  ['paths', ({ change }) => change?.paths.join(' ')],
  ['patchId', ({ change }) => change?.edit?.patchId],
  ['oldVersion', ({ change }) => change?.edit?.oldVersion],
  ['newVersion', ({ change }) => change?.edit?.newVersion],
  ['reason', ({ change, reason }) => change?.edit?.reason ?? reason],
  ['ok', ({ outcome }) => outcome.ok],
  ['code', ({ outcome }) => outcome.code],
  ['requestId', ({ request }) => request.requestId],
  ['idempotencyKey', ({ request }) => request.idempotencyKey],
  ['bodySha256', ({ request }) => request.bodySha256],
  ['hash', ({ hash }) => hash],
  ['holder', ({ holder }) => holder],
]

/** The first line of an export as comma-separated values, without its end. */
export const AUDIT_CSV_HEADER = COLUMNS.map(([name]) => name).join(',')

/**
 * An entry as comma-separated values (RFC 4180), without the end of the line. A value that a spreadsheet would take for a formula
 * gets an apostrophe before it: reasons and keys are the words of callers.
 */
export const auditCsvLine = (entry: AuditEntry): string =>
  COLUMNS.map(([, value]) => cell(value(entry))).join(',')

function cell(value: Value): string {
  if (value === undefined || value === null) return ''
  const text = String(value)
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
