import type { WriteStream } from 'node:tty'

import type { SyncBatchRequest, SyncBatchResponse } from '@fieldsync/contracts'
import type { z } from 'zod'

import type { Member } from './crew.ts'
import type { SeasonBatch, SeasonEvent } from './season-event.ts'

/** The progress of the season. */
export type SeasonProgress = { done: number; of: number; at: Date; observations: number; conflicts: number }

type SeasonStage = {
  /** Address of the server. */
  readonly url: string
  tokenOf(member: Member): string
  /** Sets the server's clock. */
  setTime(at: Date): void
  revoke(member: Member): Promise<void>
  /** Was revoked by an earlier run, which had then sent all its calls. */
  wasRevoked(member: Member): boolean
  onProgress(progress: SeasonProgress): void
  readonly signal: AbortSignal
}

type SyncBatchInput = z.input<typeof SyncBatchRequest>
type Open = { conflictId: string; resolution: SyncBatchResponse['conflicts'][number]['resolution'] }
type Phone = { cursor: string; open: Open[]; left: number }

// One of this many conflicts is never resolved.
const LEFT_ONE_OF = 3

/**
 * Plays a season through the server's own handler, call by call. Played a second time, every batch is answered as
 * before, so an interrupted season is played again from its beginning.
 *
 * @throws Error for an answer other than 200
 */
export async function playSeason(
  events: readonly SeasonEvent[],
  stage: SeasonStage,
): Promise<SeasonProgress> {
  const phones = new Map<string, Phone>()
  const observations = new Set<string>()
  let met = 0
  const progress: SeasonProgress = {
    done: 0,
    of: events.length,
    at: new Date(0),
    observations: 0,
    conflicts: 0,
  }
  for (const event of events) {
    stage.signal.throwIfAborted()
    stage.setTime(event.at)
    progress.at = event.at
    if ('revoke' in event) await stage.revoke(event.revoke)
    else if (!stage.wasRevoked(event.member)) {
      const phone = phones.get(event.member.deviceId) ?? { cursor: '', open: [], left: 0 }
      phones.set(event.member.deviceId, phone)
      const answer = await send(event, phone, stage)
      for (const { conflictId, resolution } of answer.conflicts) {
        if (++met % LEFT_ONE_OF === 0) phone.left++
        else phone.open.push({ conflictId, resolution })
      }
      for (const { observationId } of event.observations) observations.add(observationId)
      progress.observations = observations.size
      progress.conflicts += answer.conflicts.length
    }
    progress.done++
    stage.onProgress(progress)
  }
  return progress
}

async function send(batch: SeasonBatch, phone: Phone, stage: SeasonStage): Promise<SyncBatchResponse> {
  const { at, member, syncId, observations, recommendations, patches, left } = batch
  const resolved = phone.open.splice(0)
  const { deviceId, platform, appVersion } = member
  const answer = await post(stage, stage.tokenOf(member), {
    syncId,
    requestedAt: at.toISOString(),
    device: {
      deviceId,
      platform,
      appVersion,
      modelPackageVersion: '2026.2',
      offlineModeEnabled: true,
      updatedAt: at.toISOString(),
    },
    lastKnownServerCursor: phone.cursor,
    upserts: { observations, recommendations, playbookPatches: patches },
    report: { ...left, conflicts: phone.left, ...(resolved.length > 0 && { resolved }) },
  })
  phone.cursor = answer.serverCursor
  return answer
}

async function post(
  { url, signal }: SeasonStage,
  token: string,
  body: SyncBatchInput,
): Promise<SyncBatchResponse> {
  const answer = await fetch(`${url}/v1/sync/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': body.syncId, 'x-device-token': token },
    body: JSON.stringify(body),
    signal,
  })
  const text = await answer.text()
  if (answer.status !== 200)
    throw new Error(`the season's batch ${body.syncId} was answered ${answer.status}: ${text}`)
  // Answered by this version of the server.
  return JSON.parse(text) as SyncBatchResponse
}

const TENTH = 10

/** Shows the progress of a season: one line that is replaced on a terminal, else a line for each tenth. */
export function seasonProgress(stream: WriteStream | NodeJS.WriteStream): {
  show(progress: SeasonProgress): void
  end(): void
} {
  let tenths = 0
  return {
    show: ({ done, of, at, observations, conflicts }) => {
      const percent = Math.floor((done / of) * 100)
      const text = `  Demo season: ${percent} %, ${at.toISOString().slice(0, 10)}, ${observations} observations, ${conflicts} conflicts`
      if (stream.isTTY) stream.write(`\r\u001b[K${text}`)
      else if (Math.floor(percent / TENTH) > tenths) {
        tenths = Math.floor(percent / TENTH)
        stream.write(`${text}\n`)
      }
    },
    end: () => {
      if (stream.isTTY) stream.write('\r\u001b[K')
    },
  }
}
