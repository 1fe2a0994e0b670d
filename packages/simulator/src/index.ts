export { describeDisagreement, type Disagreement, runBoth } from './differential/run-both.ts'
export { acknowledged, noGaps } from './invariants/answer-guarantees.ts'
export {
  converged,
  drained,
  isolated,
  nothingLostOnDevice,
  type WriteJournal,
} from './invariants/device-guarantees.ts'
export { serverGuarantees } from './invariants/server-guarantees.ts'
export { type FaultPlan, faultPlan, PlannedFaults } from './link/fault-plan.ts'
export { FaultyLink, type FaultyLinkOptions, NoAnswer, REDIRECTED_TO } from './link/faulty-link.ts'
export type { LinkFault } from './link/link-fault.ts'
export { type Backup, ModelServer } from './model/model-server.ts'
export { readRegressions } from './regressions/regressions.ts'
export { generateScript } from './script/generate/generate-script.ts'
export type { Script } from './script/script.ts'
export { SCRIPT_LIMITS, ScriptClock, scriptedModel, type ScriptedServer } from './script/scripted-server.ts'
export { shrinkScript } from './script/shrink-script.ts'
export {
  refusalAnswer,
  type Refused,
  refusedCredential,
  type ServerAnswer,
  type ServerCall,
} from './server-call.ts'
export { limited, shrinkList, shrinkValue } from './shrink/shrink.ts'
export { simulatorSeeds } from './sim-seeds.ts'
export { type DeviceCopy, readDeviceCopy, type WrittenDocument } from './state/device-copy.ts'
export { readStoredState } from './state/read-stored-state.ts'
export type { WorkspaceState } from './state/workspace-state.ts'
export { runUntil, settled, SkewedClock, VirtualClock } from './time/virtual-clock.ts'
export { seededIds } from './world/seeded-ids.ts'
export { type WorldFault, worldFault } from './world/world-fault.ts'
export { compareResponses, CursorPairing, Pairing, type Pairings } from './differential/compare-answers.ts'
export type { DeviceScript, DeviceStep } from './devices/device-script.ts'
export { HOME, type DeviceServer, type Site, type WayToServer } from './devices/device-server.ts'
export { generateDeviceScript } from './devices/generate-device-script.ts'
export { poisonAnswer } from './devices/poison.ts'
export { type DeviceRun, runDeviceScript } from './devices/run-device-script.ts'
export { ServerWatch } from './devices/server-watch.ts'
export { describeDeviceRun, shrinkDeviceScript } from './devices/shrink-device-script.ts'
