import { firstBatch } from './first-batch.ts'

/** A command that sends a device's first batch when pasted into a POSIX shell, where JSON needs no escapes. */
export function curlLine(address: string, device: { deviceId: string; token: string }, now: Date): string {
  const batch = firstBatch(device.deviceId, now)
  return [
    `curl -sS ${address}/v1/sync/batch`,
    `-H 'X-Device-Token: ${device.token}'`,
    `-H 'Idempotency-Key: ${batch.syncId}'`,
    `-H 'Content-Type: application/json'`,
    `-d '${JSON.stringify(batch)}'`,
  ].join(' ')
}
