import type { Role } from '@fieldsync/domain'
import type { SyncBatchInput } from '@fieldsync/testkit'

/** `<workspace>/<deviceId>`, by the names of the script. */
export type DeviceRef = `${string}/${string}`

export type ScriptDevice = { device: DeviceRef; role: Role }

/**
 * Where a call continues from: the beginning, in the new or the old spelling, the last cursor that its device got, the
 * cursor that another step got, or any text. Cursors are made by servers, so a script can only point at them.
 */
export type CursorRef = 'start' | 'legacy' | 'last' | { after: number } | { text: string }

/** The conflict at an index of the answer to another step, to be reported as resolved. */
export type ResolvedRef = { step: number; conflict: number; resolution: string }

/** A batch without what only a server can make. Any JSON, for a batch that breaks the contract. */
export type ScriptBody = Omit<SyncBatchInput, 'lastKnownServerCursor'> | { [key: string]: unknown }

/** One call. */
export type SendStep = {
  do: 'send'
  device: DeviceRef
  body: ScriptBody
  cursor: CursorRef
  resolved?: ResolvedRef[]
  /** `Idempotency-Key`; by default the body's syncId. */
  key?: string
  /** What is wrong with the call as a whole. */
  flaw?: 'no key' | 'no token' | 'unknown token' | 'broken json'
}

/**
 * The bytes of an earlier call once more, under its key unless another is given; `respelled` is the same JSON in other
 * bytes, under a quoted key.
 */
export type ResendStep = { do: 'resend'; step: number; key?: string; respelled?: boolean }

/**
 * Batches with records of several devices at the same time, each with an id as a step has one. In which order they are
 * carried out is for the server to choose.
 */
export type TogetherStep = { do: 'together'; calls: ({ id: number } & SendStep)[] }

/** Something that happens to the servers between calls. */
export type EventStep =
  | { do: 'wait'; milliseconds: number }
  | { do: 'role'; device: DeviceRef; role: Role }
  | { do: 'revoke'; device: DeviceRef }
  | { do: 'restart' }
  | { do: 'backup' }
  | { do: 'restore' }

/** Steps point at each other by id, so that one can be left out without changing another. */
export type Step = { id: number } & (SendStep | ResendStep | TogetherStep | EventStep)

/** What a run does to a server, call by call; plain JSON. */
export type Script = { devices: ScriptDevice[]; steps: Step[] }

export const workspaceOf = (device: DeviceRef): string => device.slice(0, device.indexOf('/'))
export const deviceIdOf = (device: DeviceRef): string => device.slice(device.indexOf('/') + 1)
