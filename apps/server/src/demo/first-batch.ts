import { createHash } from 'node:crypto'

import type { Observation, SyncBatchRequest } from '@fieldsync/contracts'
import { ulid } from 'ulid'
import type { z } from 'zod'

type BatchInput = z.input<typeof SyncBatchRequest>

/** One scout's observation, as a phone would send it in its first batch. */
export function firstBatch(deviceId: string, now: Date): BatchInput {
  const at = `${now.toISOString().slice(0, 19)}Z`
  const day = at.slice(0, 10).replaceAll('-', '')
  const id = ulid(now.getTime())
  return {
    syncId: `sync_${id}`,
    requestedAt: at,
    device: {
      deviceId,
      platform: 'ios',
      appVersion: '1.0.0',
      modelPackageVersion: '1.0.0',
      offlineModeEnabled: true,
      updatedAt: at,
    },
    lastKnownServerCursor: '',
    upserts: {
      observations: [observation(`obs_${day}_${id}`, deviceId, at)],
      recommendations: [],
      playbookPatches: [],
    },
  }
}

function observation(observationId: string, deviceId: string, at: string): z.input<typeof Observation> {
  const content = {
    observationId,
    deviceId,
    createdAt: at,
    captureMode: 'typed' as const,
    rawNoteText: 'White powder on leaves in block 7, moderate.',
    transcription: {
      text: 'White powder on leaves in block 7, moderate.',
      source: 'manual_typed' as const,
      confidence: 1,
    },
    extraction: {
      crop: 'grape' as const,
      fieldBlock: 'Block 7',
      issue: 'powdery_mildew' as const,
      severity: 'moderate' as const,
      symptoms: ['white powder on leaves'],
      observationTime: at,
    },
    normalization: { temperatureC: 24, leafWetness: 'dry' as const, windEstimateKph: 6 },
    location: { lat: 38.5449, lon: -121.7405 },
    schemaVersion: '1.0.0' as const,
  }
  const checksum = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  return { ...content, status: 'confirmed', deterministicChecksum: `sha256:${checksum}` }
}

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
