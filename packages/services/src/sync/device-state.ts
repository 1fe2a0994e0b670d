import { instantMicros, type SyncBatchRequest } from '@fieldsync/contracts'
import { type Database, type DeviceState, storeDeviceStates } from '@fieldsync/db'
import { MAX_CLOCK_LEAD_MICROS } from '@fieldsync/domain'

import { type AuthenticatedActor, nowMicros } from '../core/context.ts'

const FLUSH_AFTER_MS = 500

/** `updatedAt` of the metadata for last-write-wins, not further ahead than any other write may be (DEV rules). */
export const metadataMicros = (device: SyncBatchRequest['device'], now: Date): number =>
  Math.min(instantMicros(device.updatedAt), nowMicros(now) + MAX_CLOCK_LEAD_MICROS)

/** What one call says about its device. */
export function deviceState(
  actor: AuthenticatedActor,
  input: Pick<SyncBatchRequest, 'device' | 'report'>,
  now: Date,
  position: number,
): DeviceState {
  return {
    workspaceId: actor.workspaceId,
    deviceId: actor.deviceId,
    metadata: JSON.stringify(input.device),
    metadataMicros: metadataMicros(input.device, now),
    seenAt: now,
    position,
    ...reportTexts(input.report),
  }
}

/** The report without the resolved conflicts, which are marked where they are kept. */
export function reportTexts(report: SyncBatchRequest['report']): Pick<DeviceState, 'report' | 'resolved'> {
  if (!report) return { report: null, resolved: null }
  const { resolved, ...state } = report
  return { report: JSON.stringify(state), resolved: resolved?.length ? JSON.stringify(resolved) : null }
}

/** Marks of pulls wait here, the latest of each device, so that asking again costs the database no write. */
class DeviceStateBuffer {
  readonly #db: Database
  readonly #waiting = new Map<string, DeviceState>()
  #timer: NodeJS.Timeout | undefined
  /** One at a time: where the database hangs, they would take one connection after the other. */
  #flushing: Promise<void> = Promise.resolve()

  constructor(db: Database) {
    this.#db = db
  }

  add(state: DeviceState): void {
    // A report waits apart: with the time of a later pull it would replace what a batch reported in between (CNF-13).
    const kind = state.report === null ? 'seen' : 'reported'
    const key = `${state.workspaceId} ${state.deviceId} ${kind}`
    const waiting = this.#waiting.get(key)
    const newest = waiting && waiting.metadataMicros >= state.metadataMicros ? waiting : state
    this.#waiting.set(key, { ...state, metadata: newest.metadata, metadataMicros: newest.metadataMicros })
    this.#timer ??= setTimeout(() => {
      // Marks are a convenience for operators: if the database is away, the next pull brings newer ones.
      this.flush().catch(() => undefined)
    }, FLUSH_AFTER_MS).unref()
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer)
    const flushed = this.#flushAfter(this.#flushing)
    this.#flushing = flushed.catch(() => undefined)
    return flushed
  }

  async #flushAfter(last: Promise<void>): Promise<void> {
    await last
    this.#timer = undefined
    const states = [...this.#waiting.values()]
    this.#waiting.clear()
    if (states.length > 0) await storeDeviceStates(this.#db.pool, states, 'soon')
  }
}

const buffers = new WeakMap<Database, DeviceStateBuffer>()

function bufferOf(db: Database): DeviceStateBuffer {
  const known = buffers.get(db)
  if (known) return known
  const made = new DeviceStateBuffer(db)
  buffers.set(db, made)
  return made
}

/** Notes a pull's mark, to be written within half a second. */
export const noteMark = (db: Database, state: DeviceState): void => bufferOf(db).add(state)

/** Writes waiting marks now; called when the server drains. */
export const flushDeviceStates = (db: Database): Promise<void> => bufferOf(db).flush()
