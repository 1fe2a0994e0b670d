import type { ScriptRun } from '../script/script-run.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'
import { type Difference, firstDifference } from './first-difference.ts'
import type { Pairing } from './pairing.ts'

/** How what two servers hold of one workspace differs, but for the names that each made itself. */
export function compareStates(
  one: { state: WorkspaceState; run: ScriptRun },
  other: { state: WorkspaceState; run: ScriptRun },
  conflictIds: Pairing,
): Difference | undefined {
  return firstDifference(
    comparable(one, (id) => id),
    comparable(other, (id) => conflictIds.back(id) ?? `${id}, which was never answered`),
  )
}

function comparable(
  { state, run }: { state: WorkspaceState; run: ScriptRun },
  nameOf: (conflictId: string) => string,
): unknown {
  const payloadOf = (hash: string | null) =>
    hash === null ? null : `step ${run.stepOfPayload(hash) ?? hash}`
  return {
    ...state,
    // The history of each observation is in order; what was corrected first of two in one batch is not kept.
    corrections: Map.groupBy(state.corrections, ({ observationId }) => observationId),
    audit: state.audit.map(({ req, ...body }) => ({
      ...body,
      req: { idem: req.idem, payload: payloadOf(req.bodySha256) },
    })),
    conflicts: new Map(state.conflicts.map(({ conflictId, ...entry }) => [nameOf(conflictId), entry])),
    devices: new Map(state.devices.map((device) => [device.deviceId, device])),
  }
}
