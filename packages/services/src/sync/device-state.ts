import { instantMicros, type SyncBatchRequest } from '@fieldsync/contracts'
import type { DeviceState } from '@fieldsync/db'
import { MAX_CLOCK_LEAD_MICROS } from '@fieldsync/domain'

import type { AuthenticatedActor } from '../core/actor.ts'
import { nowMicros } from '../core/context.ts'

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
