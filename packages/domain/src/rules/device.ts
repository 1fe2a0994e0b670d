import type { Device } from '@fieldsync/contracts'

import { writeTimeMicros } from '../time.ts'

/** The outcome for the metadata that a device sends about itself; never a conflict. */
export type DeviceDecision = { kind: 'accept'; timeMicros: number } | { kind: 'ignore' }

/**
 * Last write wins by `updatedAt`; equal or older metadata is ignored silently (DEV-1).
 *
 * @param args.currentTimeMicros time of the stored metadata as returned here when it was accepted
 * @param args.nowMicros the server's clock, in microseconds since 1970
 */
export function decideDevice(args: {
  currentTimeMicros: number | undefined
  incoming: Device
  nowMicros: number
}): DeviceDecision {
  const timeMicros = writeTimeMicros(args.incoming, args.incoming.updatedAt, args.nowMicros)
  const newer = args.currentTimeMicros === undefined || timeMicros > args.currentTimeMicros
  return newer ? { kind: 'accept', timeMicros } : { kind: 'ignore' }
}
