import type { SyncBatchRequest } from '@fieldsync/contracts'
import { decideDevice } from '@fieldsync/domain'

import { instantOf, microsOf } from './batch.ts'
import type { ModelDevice, ModelWorkspace } from './model-state.ts'

/** Keeps what the device says of itself (DEV-1, CNF-13). */
export function saveDeviceStates(device: ModelDevice, batch: SyncBatchRequest, now: number): void {
  const decision = decideDevice({
    currentTimeMicros: device.metadataMicros,
    incoming: batch.device,
    nowMicros: microsOf(now),
  })
  if (decision.kind === 'accept') {
    device.metadata = batch.device
    device.metadataMicros = decision.timeMicros
  }
  if (batch.report) {
    const { resolved: _, ...report } = batch.report
    device.report = report
  }
}

/** Takes what the device has resolved out of the work queue (CNF-10, CNF-12). */
export function resolveConflicts(
  { conflicts }: ModelWorkspace,
  { deviceId }: ModelDevice,
  { report }: SyncBatchRequest,
  now: number,
): void {
  for (const { conflictId, resolution } of report?.resolved ?? []) {
    const open = conflicts.find(
      (each) => each.conflictId === conflictId && each.deviceId === deviceId && each.resolvedAt === null,
    )
    if (open) Object.assign(open, { resolvedAt: instantOf(now), resolvedAs: resolution })
  }
}
