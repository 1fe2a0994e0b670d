import {
  fieldsLackedBy,
  MAX_ID_LENGTH,
  MAX_ISSUES,
  parseSyncBatch,
  type SentShape,
  type SyncBatchRequest,
  UNANNOUNCED_CONTRACT_VERSION,
  type ValidationIssue,
} from '@fieldsync/contracts'
import { type Actor, parsePointer, valueAt } from '@fieldsync/domain'

import { type Refused, refusedCredential, type ServerCall } from '../server-call.ts'
import type { ModelDevice, ModelState, ModelWorkspace } from './model-state.ts'

/** Who calls, and on whose records. */
export type Caller = { actor: Actor; device: ModelDevice; workspace: ModelWorkspace }

/** The workspace and the device follow from the credential alone (ACC-1, ACC-4, ACC-5). */
export function identify(
  state: ModelState,
  token: string | undefined,
): { caller: Caller } | { refused: Refused } {
  if (token === undefined) return { refused: refusedCredential('missing') }
  const credential = state.credentials.get(token)
  const workspace = state.workspaces.get(credential?.workspaceId ?? '')
  const device = workspace?.devices.get(credential?.deviceId ?? '')
  if (!credential || !workspace || !device) return { refused: refusedCredential('invalid') }
  if (device.revoked) return { refused: refusedCredential('revoked') }
  if (credential.expired) return { refused: refusedCredential('expired') }
  const { workspaceId } = workspace
  const { deviceId, role } = device
  return { caller: { actor: { kind: 'device', workspaceId, deviceId, role }, device, workspace } }
}

/** What a build takes, beyond the bounds of one request. */
export type ModelBuild = {
  /** The contract that it announces and takes; null for one of 1.3.0, which announces nothing (ENG-31). */
  readonly contract: string | null
  /** The state hash on the last page of an answer, from the true one; undefined for a build that sends none (HSH-1). */
  readonly stateHash: (hash: string) => string | undefined
  /** Records that it refuses although the contract allows them. */
  readonly refuses: (record: object) => boolean
}

/** Bounds of one request (ERR-17). */
export type ModelLimits = { readonly maxBytes: number; readonly maxRecords: number }

/** The batch and the key it comes under, or what the contract says against them, all at once (ERR-4 to ERR-7). */
export function readBatch(
  call: ServerCall,
  limits: ModelLimits,
  build: ModelBuild,
): { batch: SyncBatchRequest; key: string } | { refused: Refused } {
  const parsed = parsedBody(call)
  if (parsed === NOT_JSON) return { refused: validationError([{ path: '', message: 'is not valid JSON' }]) }
  const named = readKey(call.key)
  if (!parsed.ok || 'issue' in named) {
    const inHeaders = 'issue' in named ? [named.issue] : []
    return {
      refused: validationError(
        [...inHeaders, ...(parsed.ok ? [] : parsed.issues)],
        parsed.ok ? 0 : parsed.more,
      ),
    }
  }
  const issues = [...laterFields(parsed.value, build.contract), ...refusedRecords(parsed.value, build)]
  if (issues.length > 0) return { refused: validationError(issues) }
  if (numberOfRecords(parsed.value) > limits.maxRecords) return { refused: tooLarge(limits) }
  return { batch: parsed.value, key: named.key }
}

export const tooLarge = (limits: ModelLimits): Refused => ({
  code: 'PAYLOAD_TOO_LARGE',
  details: { ...limits },
})

export const numberOfRecords = ({ upserts }: SyncBatchRequest): number =>
  upserts.observations.length + upserts.recommendations.length + upserts.playbookPatches.length

export const NOT_JSON = Symbol('not JSON')
type ParsedBody = ReturnType<typeof parseSyncBatch> | typeof NOT_JSON

// A call is the same object for all that look at it on its way, and its batch is not changed by any.
const parsedBodies = new WeakMap<ServerCall, ParsedBody>()

/** What the body of a call says, read once for each call. */
export function parsedBody(call: ServerCall): ParsedBody {
  const known = parsedBodies.get(call)
  if (known !== undefined) return known
  const parsed = parseBody(call.body)
  parsedBodies.set(call, parsed)
  return parsed
}

function parseBody(text: string): ParsedBody {
  try {
    return parseSyncBatch(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError) return NOT_JSON
    throw error
  }
}

/** A key given bare or as a quoted string is the same key (HDR-1). */
function readKey(header: string | undefined): { key: string } | { issue: ValidationIssue } {
  const issue = (message: string) => ({ issue: { path: '/headers/idempotency-key', message } })
  if (header === undefined) return issue('is required')
  const key = header.startsWith('"') && header.endsWith('"') ? header.slice(1, -1) : header
  return key.length >= 1 && key.length <= MAX_ID_LENGTH
    ? { key }
    : issue(`must have 1 to ${MAX_ID_LENGTH} characters`)
}

function validationError(issues: ValidationIssue[], more = 0): Refused {
  const unlisted = more + Math.max(0, issues.length - MAX_ISSUES)
  return {
    code: 'VALIDATION_ERROR',
    details: { issues: issues.slice(0, MAX_ISSUES), ...(unlisted > 0 && { more: unlisted }) },
  }
}

/** What a build of an earlier contract does not know of a batch (SHP-1). */
function laterFields({ upserts, report }: SyncBatchRequest, contract: string | null): ValidationIssue[] {
  const found = (shape: SentShape, document: object, at: string) =>
    fieldsLackedBy(shape, contract ?? UNANNOUNCED_CONTRACT_VERSION)
      .filter((pointer) => valueAt(document, parsePointer(pointer) ?? [])?.value !== undefined)
      .map((pointer) => ({ path: `${at}${pointer}`, message: 'is not a known key' }))
  return [
    ...found('report', report ?? {}, '/report'),
    ...upserts.observations.flatMap((each, i) => found('observation', each, `/upserts/observations/${i}`)),
    ...upserts.recommendations.flatMap((each, i) =>
      found('recommendation', each, `/upserts/recommendations/${i}`),
    ),
  ]
}

const refusedRecords = ({ upserts }: SyncBatchRequest, { refuses }: ModelBuild): ValidationIssue[] =>
  Object.entries(upserts).flatMap(([name, records]) =>
    records.flatMap((record, i) =>
      refuses(record) ? [{ path: `/upserts/${name}/${i}`, message: 'is not taken here' }] : [],
    ),
  )
