import {
  AUTH_ACTIONS,
  ErrorCode,
  ErrorEnvelope,
  readContractVersion,
  SyncBatchResponse,
  type SyncConflict,
  UpsertEntityType,
} from '@fieldsync/contracts'

import type { ProblemDetail } from '../core/engine-status.ts'
import type { Call } from '../core/in-flight-batch.ts'
import { recordKey, type WritableType } from '../core/local-record.ts'
import type { BatchAnswer } from '../core/ports.ts'

/** A refusal by the server. `code` is null where a newer server gave one that is unknown here. */
export type Refusal = {
  code: ErrorCode | null
  /** Where `code` is null: the unknown one. */
  unknownCode?: string
  message: string
  retryable: boolean
  details: Readonly<Record<string, unknown>>
  /** The contract version that its server announced; undefined where it announced none. */
  contract?: string | undefined
}

/**
 * Why a call has no answer that says what became of it:
 * `transfer` it takes too long, was cut on the way, or the server is not there · `rejected` something before the server
 * refused it in its own words · `server` the server failed, or answered in JSON what is not of this contract · `busy`
 * the server asks for a pause.
 */
export type FailureCause = 'transfer' | 'rejected' | 'server' | 'busy'

/**
 * What an answer is: a result that fits its call (`raw` is the same before unknown keys were dropped), a refusal, or
 * something broken that says nothing about whether the batch was taken.
 */
export type ReadAnswer =
  | { kind: 'result'; response: SyncBatchResponse; raw: SyncBatchResponse; contract: string | undefined }
  | { kind: 'refusal'; refusal: Refusal }
  | { kind: 'broken'; problem: string; cause: FailureCause }

/** Reads what came back for a call, believing nothing (ENG-6). */
export function readAnswer(call: Call, { status, body, contract: announced }: BatchAnswer): ReadAnswer {
  const json = parseJson(body)
  const contract = readContractVersion(announced)
  if (status >= 200 && status < 300) return readResult(call, json, contract)
  const refusal = readRefusal(json) ?? refusalWithoutEnvelope(status)
  return refusal
    ? { kind: 'refusal', refusal: { ...refusal, contract } }
    : broken(`the answer was a bare ${status}`, bareCause(status))
}

// A proxy that waited too long for the server, or does not find it, says nothing about what it was sent.
const TRANSFER_STATUSES: ReadonlySet<number> = new Set([408, 425, 502, 503, 504])

/** What a status without an envelope says: something between device and server answers in its own words (ENG-51). */
function bareCause(status: number): FailureCause {
  if (status === 429) return 'busy'
  return status < 400 || TRANSFER_STATUSES.has(status) ? 'transfer' : 'rejected'
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function readResult(call: Call, json: unknown, contract: string | undefined): ReadAnswer {
  const parsed = SyncBatchResponse.safeParse(json)
  if (!parsed.success) {
    const isCut = json === undefined
    return broken('the answer is not a batch answer, or was cut', isCut ? 'transfer' : 'server')
  }
  const response = parsed.data
  if (response.syncId !== call.syncId) return broken('the answer is to another batch')
  if (!addsUp(call, response)) return broken('the answer does not add up to what was sent')
  const { hasMore } = response.downstream
  if (hasMore && response.serverCursor === call.cursor) {
    return broken('the answer would make the device ask the same for ever')
  }
  // It has just passed the schema, which only drops what it does not know.
  return { kind: 'result', response, raw: json as SyncBatchResponse, contract }
}

const broken = (problem: string, cause: FailureCause = 'server'): ReadAnswer => ({
  kind: 'broken',
  problem,
  cause,
})

/** Every record that was sent has exactly one outcome (BAT-3). */
function addsUp(call: Call, { acceptedCounts, conflicts }: SyncBatchResponse): boolean {
  const sent = countBy(call.entries.map(({ type, id }) => recordKey(type, id)))
  const refused = countBy(conflicts.map((conflict) => recordKey(conflict.entityType, conflict.entityId)))
  for (const [key, count] of refused) if (count > (sent.get(key) ?? 0)) return false
  return UpsertEntityType.options.every((type) => {
    const accepted = acceptedCounts[COUNTED[type]]
    return accepted + ofType(conflicts, type) === call.entries.filter((entry) => entry.type === type).length
  })
}

const COUNTED = {
  observation: 'observations',
  recommendation: 'recommendations',
  playbookPatch: 'playbookPatches',
} as const satisfies Record<WritableType, keyof SyncBatchResponse['acceptedCounts']>

const ofType = (conflicts: readonly SyncConflict[], type: WritableType): number =>
  conflicts.filter(({ entityType }) => entityType === type).length

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

export function readRefusal(json: unknown): Refusal | undefined {
  const known = ErrorEnvelope.safeParse(json)
  if (known.success) {
    const { code, message, retryable, details } = known.data.error
    return { code, message, retryable, details: details ?? {} }
  }
  const error = memberOf(json, 'error')
  const [code, message, retryable] = ['code', 'message', 'retryable'].map((name) => memberOf(error, name))
  if (typeof code !== 'string' || typeof retryable !== 'boolean' || ErrorCode.safeParse(code).success) {
    return undefined
  }
  return { code: null, unknownCode: code, message: `${code}: ${String(message)}`, retryable, details: {} }
}

/** What a program can know of a refusal, see {@link ProblemDetail}. */
export function refusalDetail({ code, unknownCode, details }: Refusal): ProblemDetail {
  const { reason, action } = details
  return {
    kind: 'refused',
    code: code ?? unknownCode ?? 'UNKNOWN',
    reason: typeof reason === 'string' ? reason : null,
    action: typeof action === 'string' ? action : null,
  }
}

/** A member of whatever came; undefined where there is none. */
export const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/**
 * Something between device and server answers in its own words: a proxy that takes less than the server, or one that asks
 * for a sign-in. Of these only the first speaks about the batch.
 */
function refusalWithoutEnvelope(status: number): Refusal | undefined {
  if (status !== 413) return undefined
  return {
    code: 'PAYLOAD_TOO_LARGE',
    message: 'too large for what is before the server',
    retryable: false,
    details: {},
  }
}

/** What an AUTH_REQUIRED asks for; without a reason it is a missing credential. */
export const authAction = ({ details }: Refusal): string =>
  typeof details['action'] === 'string' ? details['action'] : AUTH_ACTIONS.missing

/**
 * What the device does about a refusal of a batch:
 * `quarantine` the records it names, the rest is sent again · `split` the batch · `reset` the cursor and pull everything ·
 * `renew` the credential, each action once · `pull` first, then send under a new `syncId` · `retry` the same bytes · `forbidden`: by
 * its reason, wait for another credential or go on without sending · `stop` and report.
 */
export type ErrorAction = 'quarantine' | 'split' | 'reset' | 'renew' | 'pull' | 'retry' | 'forbidden' | 'stop'

/** Every code with its action; a new code does not compile until it has one (ENG-13). */
export const ERROR_ACTIONS: Readonly<Record<ErrorCode, ErrorAction>> = {
  VALIDATION_ERROR: 'quarantine',
  PAYLOAD_TOO_LARGE: 'split',
  CURSOR_INVALID: 'reset',
  AUTH_REQUIRED: 'renew',
  IDEMPOTENCY_CONFLICT: 'pull',
  FORBIDDEN: 'forbidden',
  RATE_LIMITED: 'retry',
  UNAVAILABLE: 'retry',
  INTERNAL_ERROR: 'retry',
  // What is at that address is not the batch operation of this contract.
  NOT_FOUND: 'stop',
  METHOD_NOT_ALLOWED: 'stop',
  UNSUPPORTED_MEDIA_TYPE: 'stop',
  // Of enrolling alone.
  ENROLLMENT_INVALID: 'stop',
  // Nothing that this build can send will be taken: the queue stays, and a person updates one side.
  CONTRACT_UNSUPPORTED: 'stop',
  // Codes of single-record calls: a batch returns these as conflicts, so here they are a mistake of the server.
  CONFLICT: 'stop',
  PLAYBOOK_VERSION_MISMATCH: 'stop',
  PLAYBOOK_PATCH_PATH_NOT_ALLOWED: 'stop',
  PLAYBOOK_PATCH_INVALID: 'stop',
}
