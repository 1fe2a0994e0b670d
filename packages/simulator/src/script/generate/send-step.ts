import {
  device,
  observation,
  syncBatch,
  type SyncBatchInput,
  type SyncBatchOverrides,
} from '@fieldsync/testkit'

import {
  type CursorRef,
  type DeviceRef,
  deviceIdOf,
  type ResolvedRef,
  type SendStep,
  workspaceOf,
} from '../script.ts'
import { SCRIPT_LIMITS } from '../scripted-server.ts'
import { brokenBody } from './broken-body.ts'
import type { Stage } from './stage.ts'
import { upserts } from './upserts.ts'
import { anyOf, once, weighted } from './weighted.ts'

type Body = Omit<SyncBatchInput, 'lastKnownServerCursor'>

const CALLS = {
  push: 60,
  pull: 22,
  'key of another batch': 2,
  'syncId of another batch': 2,
  'pull under the key of a batch': 2,
  broken: 4,
  "another device's metadata": 1,
  'too many records': 1,
  'too large': 1,
  'no key': 1,
  'no token': 1,
  'unknown token': 1,
  'broken json': 1,
}

const CURSORS = { last: 60, start: 8, legacy: 2, 'of another step': 10, malformed: 1 }

/** A batch of one device, as a phone sends it. */
export async function pushStep(stage: Stage, ref: DeviceRef): Promise<SendStep> {
  const body = bodyOf(stage, ref, upserts(await stage.writer(ref)))
  return { do: 'send', device: ref, body, cursor: 'last', ...resolvedRefs(stage, ref) }
}

/** One call of some device: mostly a push or a pull as a phone makes it, sometimes one that must be refused. */
export async function sendStep(stage: Stage): Promise<SendStep> {
  const { rng } = stage
  const ref = anyOf(rng, stage.devices)?.device ?? 'ws_a/dev_scout_1'
  const cursor = cursorRef(stage)
  const kind = weighted(rng, CALLS)
  const step = (body: SendStep['body'], more: Partial<SendStep> = {}): SendStep => ({
    do: 'send',
    device: ref,
    body,
    cursor,
    ...more,
  })
  const pushed = async (): Promise<Body> => bodyOf(stage, ref, upserts(await stage.writer(ref)))
  const pulled = (): Body => bodyOf(stage, ref, {})
  const known = anyOf(
    rng,
    // A key of another device is another key (IDM-1).
    stage.sent.filter((each) => each.accepted && (each.device === ref || once(rng, 4))),
  )
  switch (kind) {
    case 'push':
      return step(await pushed(), {
        ...resolvedRefs(stage, ref),
        ...(once(rng, 5) && { key: `key-${rng.int(0, 99_999)}` }),
      })
    case 'pull':
      return step(pulled(), resolvedRefs(stage, ref))
    case 'key of another batch':
      return step(await pushed(), known ? { key: known.syncId } : {})
    case 'syncId of another batch':
      return step(
        { ...(await pushed()), ...(known && { syncId: known.syncId }) },
        { key: `key-${rng.int(0, 99_999)}` },
      )
    case 'pull under the key of a batch':
      return step(pulled(), known ? { key: known.syncId } : {})
    case 'broken':
      return step(brokenBody(rng, await pushed()))
    case "another device's metadata":
      return step({ ...(await pushed()), device: device({ deviceId: 'dev_somebody' }) })
    case 'too many records':
      return step(bodyOf(stage, ref, { observations: fresh(stage, ref, SCRIPT_LIMITS.maxRecords + 1) }))
    case 'too large':
      return step(bodyOf(stage, ref, { observations: long(fresh(stage, ref, 3)) }))
    case 'no key':
    case 'no token':
    case 'unknown token':
    case 'broken json':
      return step(await pushed(), { flaw: kind })
  }
}

const fresh = ({ rng }: Stage, ref: DeviceRef, count: number) =>
  Array.from({ length: count }, () => observation({ deviceId: deviceIdOf(ref) }, rng))

const long = (records: ReturnType<typeof fresh>) =>
  records.map((record) => ({ ...record, rawNoteText: 'A long story. '.repeat(1400) }))

function bodyOf({ rng, clock }: Stage, ref: DeviceRef, records: SyncBatchOverrides): Body {
  const at = (ago: number) => new Date(clock.now() - ago).toISOString()
  const self = device({
    deviceId: deviceIdOf(ref),
    updatedAt: at(rng.int(0, 3) * 1000),
    appVersion: `1.4.${rng.int(0, 9)}`,
    lastSyncAt: once(rng, 2) ? at(60_000) : undefined,
  })
  const maxDownstream = once(rng, 3) ? undefined : rng.int(1, 4)
  const report = once(rng, 4)
    ? { pending: rng.int(0, 5), conflicts: rng.int(0, 2), quarantined: 0 }
    : undefined
  const { lastKnownServerCursor: _, ...body } = syncBatch(
    { requestedAt: at(rng.int(0, 10) * 1000), device: self, maxDownstream, report, ...records },
    rng,
  )
  return body
}

function cursorRef({ rng, sent }: Stage): CursorRef {
  switch (weighted(rng, CURSORS)) {
    case 'last':
      return 'last'
    case 'start':
      return 'start'
    case 'legacy':
      return 'legacy'
    case 'of another step':
      return { after: anyOf(rng, sent)?.step ?? 0 }
    case 'malformed':
      return {
        text: rng.pick(['cur1_1_00000000000000000000000000000000', 'cur_2026_1', 'cur1_999999_x', ' ']),
      }
  }
}

/** Some of the device's conflicts as resolved; now and then those of another device, which is passed over (CNF-12). */
function resolvedRefs({ rng, sent }: Stage, ref: DeviceRef): { resolved?: ResolvedRef[] } {
  if (!once(rng, 3)) return {}
  const met = sent.filter(
    ({ device: from, conflicts }) => conflicts.length > 0 && workspaceOf(from) === workspaceOf(ref),
  )
  const seen = anyOf(rng, once(rng, 5) ? met : met.filter((each) => each.device === ref))
  if (!seen) return {}
  const refs = seen.conflicts.map((resolution, conflict) => ({
    step: seen.step,
    conflict,
    resolution: once(rng, 3) ? 'discard' : resolution,
  }))
  return { resolved: refs.slice(0, 3) }
}
