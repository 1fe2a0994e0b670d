import { observation, playbookPatch, recommendation, seededRandom, syncBatch } from '@fieldsync/testkit'
import pg from 'pg'

import { clientAt } from './clients.ts'
import type { BenchDatabase } from './cluster.ts'
import { sleep } from './statistics.ts'
import { type SyncLatency, syncingDevices, syncLine } from './sync-latency.ts'
import type { Target } from './target.ts'

/** Pending recommendations that one change of the playbook affects. */
const AFFECTED = 5000
const AT_ONCE = 100
/** How long devices sync before the change, as a comparison. */
const BEFORE_MS = 10_000

export type Recompute = {
  affected: number
  /** The answer to the change of the playbook, milliseconds. */
  changeMs: number
  /** From the change until the queue is empty. */
  seconds: number
  perSecond: number
  before: SyncLatency
  during: SyncLatency
}

/**
 * A change of a playbook that affects 5,000 pending recommendations, while eight devices sync one note after the other.
 * @param agronomist the token of a device that may change the playbook
 */
export async function measureRecompute(
  target: Target,
  { appUrl }: BenchDatabase,
  agronomist: { deviceId: string; token: string },
  databaseCpu: () => number,
  say: (text: string) => void,
): Promise<Recompute> {
  say(`${AFFECTED.toLocaleString('en')} pending recommendations`)
  await advise(target)
  const client = new pg.Client(appUrl)
  await client.connect()
  try {
    const syncing = syncingDevices(target, databaseCpu)
    say('syncs without a job')
    const before = await syncing(sleep(BEFORE_MS))
    say('syncs while the queue is worked on')
    const changed = performance.now()
    await changePlaybook(target, agronomist)
    const changeMs = performance.now() - changed
    const during = await syncing(queueEmpty(client))
    const seconds = (performance.now() - changed) / 1000
    const affected = await countSuccessors(client)
    if (affected !== AFFECTED) throw new Error(`${affected} of ${AFFECTED} recommendations have a successor`)
    return { affected, changeMs, seconds, perSecond: affected / seconds, before, during }
  } finally {
    await client.end()
  }
}

async function advise(target: Target): Promise<void> {
  const rng = seededRandom(5000)
  const now = new Date().toISOString()
  const { deviceId } = clientAt(0)
  for (let sent = 0; sent < AFFECTED; sent += AT_ONCE) {
    const observations = Array.from({ length: AT_ONCE }, () => {
      const made = observation({ deviceId, createdAt: now }, rng)
      const extraction = { ...made.extraction, observationTime: now }
      return {
        ...made,
        extraction: { ...extraction, issue: 'powdery_mildew', severity: 'moderate' } as const,
      }
    })
    const recommendations = observations.map(({ observationId }) => {
      const made = recommendation({ observationId, severity: 'moderate', generatedAt: now }, rng)
      const endAt = new Date(Date.parse(now) + 12 * 3_600_000).toISOString()
      return { ...made, timingWindow: { ...made.timingWindow, startAt: now, endAt } }
    })
    const batch = syncBatch({ observations, recommendations, maxDownstream: 1 })
    const device = { ...batch.device, deviceId }
    const headers = { 'content-type': 'application/json', 'idempotency-key': batch.syncId }
    const body = JSON.stringify({ ...batch, device })
    await target.send(0, { method: 'POST', path: '/v1/sync/batch', headers, body })
  }
}

async function changePlaybook(
  { url }: Target,
  { deviceId, token }: { deviceId: string; token: string },
): Promise<void> {
  const path = '/rules/rule_pm_moderate/constraints/maxWindKph'
  const patch = playbookPatch({
    requestedByDeviceId: deviceId,
    baseVersion: 3,
    operations: [{ op: 'replace', path, value: 10 }],
  })
  const answer = await fetch(`${url}/v1/playbooks/pbk_yolo_grape/patches:apply`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': patch.patchId,
      'x-device-token': token,
    },
    body: JSON.stringify(patch),
  })
  if (!answer.ok) throw new Error(`the change was answered ${answer.status}: ${await answer.text()}`)
}

async function queueEmpty(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ left: number }>(
      'SELECT count(*)::int AS left FROM graphile_worker.jobs',
    )
    if (rows[0]?.left === 0) return
    await sleep(100)
  }
}

async function countSuccessors(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(DISTINCT document->>'supersedes')::int AS n FROM recommendations
     WHERE workspace_id = 'ws_bench' AND document->>'supersedes' IS NOT NULL`,
  )
  return rows[0]?.n ?? 0
}

export function recomputeTable({
  affected,
  before,
  changeMs,
  during,
  perSecond,
  seconds,
}: Recompute): string {
  return [
    `${affected.toLocaleString('en')} recommendations recomputed in ${seconds.toFixed(1)} s (${perSecond.toFixed(0)}/s); ` +
      `the change itself was answered in ${changeMs.toFixed(0)} ms`,
    syncLine('before', before),
    syncLine('during', during),
  ].join('\n')
}
