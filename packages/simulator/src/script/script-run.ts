import { canonicalText } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import type { ServerAnswer, ServerCall } from '../server-call.ts'
import {
  type CursorRef,
  type DeviceRef,
  deviceIdOf,
  type ResendStep,
  type Script,
  type SendStep,
  type Step,
  type TogetherStep,
  workspaceOf,
} from './script.ts'
import type { ScriptedServer } from './scripted-server.ts'

/** What a call came to: the call as it went out, and its answer. */
export type Called = {
  /** The step that first sent these bytes. */
  step: number
  workspaceId: string
  call: ServerCall
  answer: ServerAnswer
}

type Made = Omit<Called, 'answer'> & { device: DeviceRef }

const LEGACY_START = 'cur_20260211_0000'

/** Carries a script out on one server, step by step. */
export class ScriptRun {
  readonly #server: ScriptedServer
  readonly #suffix: string
  readonly #called = new Map<number, Called>()
  readonly #lastCursor = new Map<DeviceRef, string>()
  readonly #payloads = new Map<string, number>()

  /** @param suffix set behind the names of workspaces, so that runs of one database do not meet */
  constructor(server: ScriptedServer, suffix = '') {
    this.#server = server
    this.#suffix = suffix
  }

  /** Makes the script's workspaces and devices. */
  async begin({ devices }: Pick<Script, 'devices'>): Promise<void> {
    const made = new Set<string>()
    for (const { device, role } of devices) {
      const workspaceId = this.workspaceId(device)
      if (!made.has(workspaceId)) await this.#server.createWorkspace(workspaceId)
      made.add(workspaceId)
      const deviceId = deviceIdOf(device)
      await this.#server.createDevice({ workspaceId, deviceId, role, token: this.#token(device) })
    }
  }

  /**
   * @param order of calls that come together; without one they are made at the same time
   * @returns what the step's calls came to; none for an event, or for bytes that were never sent
   */
  async perform(step: Step, order?: readonly number[]): Promise<Called[]> {
    switch (step.do) {
      case 'send':
        return [await this.#send(this.#callOf(step.id, step))]
      case 'together':
        return await this.#sendTogether(step, order)
      case 'resend':
        return await this.#sendAgain(step)
      case 'role':
        await this.#server.setRole(this.workspaceId(step.device), deviceIdOf(step.device), step.role)
        return []
      case 'revoke':
        await this.#server.revokeDevice(this.workspaceId(step.device), deviceIdOf(step.device))
        return []
      case 'restart':
        await this.#server.restart()
        return []
      case 'backup':
        await this.#server.backup()
        return []
      case 'restore':
        await this.#server.restore()
        return []
      case 'wait':
        return []
    }
  }

  /** The workspace of a device, as the server knows it. */
  workspaceId(device: DeviceRef): string {
    return `${workspaceOf(device)}${this.#suffix}`
  }

  /** The step that sent a payload, by its canonical hash: payloads hold cursors, so their hashes are each server's own. */
  stepOfPayload(hash: string): number | undefined {
    return this.#payloads.get(hash)
  }

  async #sendTogether({ calls }: TogetherStep, order?: readonly number[]): Promise<Called[]> {
    // Each is put together before any is sent: none knows of another.
    const made = calls.map((each) => this.#callOf(each.id, each))
    if (!order) return await Promise.all(made.map((each) => this.#send(each)))
    const answered = new Map<number, Called>()
    for (const id of order) {
      for (const each of made) if (each.step === id) answered.set(id, await this.#send(each))
    }
    return made.flatMap(({ step }) => answered.get(step) ?? [])
  }

  async #sendAgain({ step, key, respelled }: ResendStep): Promise<Called[]> {
    const before = this.#called.get(step)
    if (!before) return []
    const call = { ...before.call, key: key ?? before.call.key }
    const answer = await this.#server.syncBatch(respelled ? inOtherBytes(call) : call)
    return [{ ...before, call, answer }]
  }

  async #send({ device, ...made }: Made): Promise<Called> {
    const payload = canonicalHash(made.call.body)
    if (payload !== undefined) this.#payloads.set(payload, made.step)
    const called = { ...made, answer: await this.#server.syncBatch(made.call) }
    this.#called.set(made.step, called)
    const cursor = cursorIn(called.answer)
    if (cursor !== undefined) this.#lastCursor.set(device, cursor)
    return called
  }

  #callOf(step: number, { device, body, cursor, resolved, key, flaw }: SendStep): Made {
    const sent = {
      ...body,
      ...this.#cursorMember(device, body, cursor),
      ...this.#reportMember(body, resolved),
    }
    const text = JSON.stringify(sent)
    const { syncId } = sent as { syncId?: unknown }
    const call = {
      token: flaw === 'no token' ? undefined : this.#token(device) + (flaw === 'unknown token' ? '?' : ''),
      key: flaw === 'no key' ? undefined : (key ?? String(syncId)),
      body: flaw === 'broken json' ? text.slice(0, -1) : text,
    }
    return { step, device, workspaceId: this.workspaceId(device), call }
  }

  #token(device: DeviceRef): string {
    return `token.${this.workspaceId(device)}.${deviceIdOf(device)}`
  }

  #cursorMember(device: DeviceRef, body: object, ref: CursorRef): { lastKnownServerCursor?: string } {
    return 'lastKnownServerCursor' in body ? {} : { lastKnownServerCursor: this.#cursor(device, ref) }
  }

  #cursor(device: DeviceRef, ref: CursorRef): string {
    if (ref === 'start') return ''
    if (ref === 'legacy') return LEGACY_START
    if (ref === 'last') return this.#lastCursor.get(device) ?? ''
    if ('text' in ref) return ref.text
    const answered = this.#called.get(ref.after)?.answer
    return (answered && cursorIn(answered)) ?? ''
  }

  #reportMember(body: object, refs: SendStep['resolved']): { report?: unknown } {
    const resolved = (refs ?? []).flatMap(({ step, conflict, resolution }) => {
      const answered = this.#called.get(step)?.answer
      const conflictId = answered && conflictIdsIn(answered)[conflict]
      return conflictId === undefined ? [] : [{ conflictId, resolution }]
    })
    if (resolved.length === 0) return {}
    const report = 'report' in body && typeof body.report === 'object' ? body.report : EMPTY_REPORT
    return { report: { ...report, resolved } }
  }
}

function canonicalHash(json: string): string | undefined {
  try {
    return sha256(canonicalText(JSON.parse(json)))
  } catch {
    return undefined
  }
}

const EMPTY_REPORT = { pending: 0, conflicts: 0, quarantined: 0 }

const cursorIn = ({ status, body }: ServerAnswer): string | undefined =>
  status === 200 ? (JSON.parse(body) as { serverCursor: string }).serverCursor : undefined

const conflictIdsIn = ({ status, body }: ServerAnswer): string[] =>
  status === 200
    ? (JSON.parse(body) as { conflicts: { conflictId: string }[] }).conflicts.map(
        ({ conflictId }) => conflictId,
      )
    : []

/** The same payload in other bytes (IDM-2), under the same key in another spelling (HDR-1). */
function inOtherBytes({ token, key, body }: ServerCall): ServerCall {
  const quotable = key !== undefined && /^[\w-]+$/.test(key)
  try {
    const value: unknown = JSON.parse(body)
    return { token, key: quotable ? `"${key}"` : key, body: JSON.stringify(reversed(value), null, 2) }
  } catch {
    return { token, key, body }
  }
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, each]) => [key, reversed(each)]),
  )
}
