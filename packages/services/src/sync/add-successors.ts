import { derivedRecommendationId, NO_WEATHER, successorOf, withSupersededStatus } from '@fieldsync/agronomy'
import {
  instantMicros,
  type Playbook,
  type PlaybookId,
  type Recommendation,
  type RecommendationId,
  type WorkspaceId,
} from '@fieldsync/contracts'
import {
  FROM_THE_NEWEST,
  newestPending,
  type PendingRow,
  type Queryable,
  readActiveVersions,
  readErased,
  readPending,
  readPlaybooks,
} from '@fieldsync/db'
import { canonicalRecord, type ServerCause } from '@fieldsync/domain'

import { nowMicros } from '../core/context.ts'
import { jobsOf } from '../core/job-tasks.ts'
import { sha256 } from '../core/json-text.ts'
import type { BatchDecisions } from './decision.ts'
import { readInputs, readReplaced, type SuccessorInputs } from './successor-inputs.ts'
import type { WorkingSet } from './working-set.ts'

/** So many pending recommendations are looked at in the request that changes a playbook; the others are left to a job. */
export const RECOMPUTED_AT_ONCE = 50

/** A decided write, to which the server adds what follows from it. */
export type Consequences = {
  readonly connection: Queryable
  readonly workspaceId: string
  readonly now: Date
  readonly set: WorkingSet
  readonly decisions: BatchDecisions
}

/** What was added, and what is left to do. */
export type Added = {
  /** The successor of the newest recommendation that is affected; null for none. */
  readonly newest: RecommendationId | null
  /** What is left to jobs: versions with more pending recommendations than were looked at, down to a position in the log. */
  readonly unfinished: readonly { playbookId: PlaybookId; playbookVersion: number; before: number }[]
}

/**
 * Adds to a write what the server does in consequence (REC-16 to REC-21): successors of the pending recommendations that a new
 * version of a playbook affects, of those that arrive with an older version, and what a successor says of a recommendation
 * that was decided on although it was replaced. Nothing of it counts as sent by the caller.
 */
export async function addSuccessors(write: Consequences): Promise<Added> {
  const { set, now } = write
  const open = nowMicros(now)
  const arrived: Recommendation[] = []
  const decided: Recommendation[] = []
  for (const { changed, revision, state } of set.recommendations.values()) {
    const { record } = state.canonical
    if (!changed) continue
    if (record.status === 'pending_confirmation') {
      if (instantMicros(record.timingWindow.endAt) > open) arrived.push(record)
    } else if (revision !== null) decided.push(record)
  }
  const made = [...set.playbooks.values()].filter(({ changed }) => changed).map(({ document }) => document)
  const others = [...arrived, ...decided]
    .map(({ playbookId }) => playbookId)
    .filter((id) => !made.some(({ playbookId }) => playbookId === id))
  const active = await watchActiveVersions(write, [...new Set(others)])

  const unfinished: Added['unfinished'][number][] = []
  let newest: RecommendationId | null = null
  for (const document of made) {
    const { playbookId, version } = document
    const { pending, before } = await watchPending(write, playbookId, open)
    if (before !== null) unfinished.push({ playbookId, playbookVersion: version, before })
    const late = arrived.filter((each) => each.playbookId === playbookId).toReversed()
    newest = (await replaceAffected(write, document, [...late, ...pending])) ?? newest
  }
  for (const [playbookId, version] of active) {
    const late = arrived.filter((each) => each.playbookId === playbookId && each.playbookVersion < version)
    if (late.length === 0) continue
    const [row] = await readPlaybooks(write.connection, write.workspaceId, [playbookId])
    // Stored from a parsed Playbook, so it is one.
    if (row) await replaceAffected(write, JSON.parse(row.document) as Playbook, late.toReversed())
  }
  if (decided.length > 0) await noteDecisions(write, decided, active)
  return { newest, unfinished }
}

/** The jobs that do what is left, as a write takes them; null for none. */
export const recomputeJobs = (workspaceId: WorkspaceId, unfinished: Added['unfinished']): string | null =>
  jobsOf(unfinished.map((each) => ({ task: 'recompute', payload: { workspaceId, ...each } })))

/** Active versions of playbooks: another one by the time of the write, and all is decided again. */
async function watchActiveVersions(
  { connection, workspaceId, set }: Consequences,
  ids: readonly PlaybookId[],
): Promise<Map<PlaybookId, number>> {
  if (ids.length === 0) return new Map()
  const found = await readActiveVersions(connection, workspaceId, ids)
  for (const id of ids) set.guards.push({ kind: 'playbook', id, revision: found.get(id) ?? null })
  return new Map(ids.flatMap((id) => (found.has(id) ? [[id, found.get(id) ?? 0]] : [])))
}

/** The newest stored recommendations that a change may affect: one more by the time of the write, and all is decided again. */
async function watchPending(
  { connection, workspaceId, set }: Consequences,
  playbookId: PlaybookId,
  endsAfter: number,
): Promise<{ pending: Recommendation[]; before: number | null }> {
  const newest = await newestPending(connection, workspaceId, playbookId, endsAfter)
  set.guards.push({ kind: 'pending', id: playbookId, revision: newest })
  if (newest === null) return { pending: [], before: null }
  const { rows, before } = await pendingPart(connection, workspaceId, playbookId, endsAfter, FROM_THE_NEWEST)
  const pending = rows
    // What this write has changed is among what arrives, or not pending any more.
    .filter(({ id }) => set.recommendations.get(id)?.changed !== true)
    // Stored from a parsed Recommendation, so it is one.
    .map(({ document }) => JSON.parse(document) as Recommendation)
  return { pending, before }
}

/** As many pending recommendations as are looked at together, from a position in the log down; null for none before. */
export async function pendingPart(
  connection: Queryable,
  workspaceId: string,
  playbookId: string,
  endsAfter: number,
  from: number,
): Promise<{ rows: PendingRow[]; before: number | null }> {
  const limit = RECOMPUTED_AT_ONCE + 1
  const rows = await readPending(connection, workspaceId, playbookId, { endsAfter, before: from, limit })
  const part = rows.slice(0, RECOMPUTED_AT_ONCE)
  return { rows: part, before: rows.length < limit ? null : (part.at(-1)?.position ?? null) }
}

/**
 * Gives each of these recommendations, the newest first, its successor by the active version, where it is affected.
 * @returns the first one
 */
export async function replaceAffected(
  write: Consequences,
  active: Playbook,
  candidates: readonly Recommendation[],
): Promise<RecommendationId | null> {
  const older = candidates.filter(({ playbookVersion }) => playbookVersion < active.version)
  if (older.length === 0) return null
  const { connection, workspaceId, set, decisions } = write
  const inputs = await readInputs(connection, workspaceId, set, active.playbookId, older)
  const successors = new Map<RecommendationId, Recommendation>()
  for (const { recommendationId } of older) {
    const successor = computed(write, inputs, active, recommendationId)
    // Of several that lead to one, it takes the place of the newest; it may also have come from a device already.
    if (!successor || successors.has(successor.recommendationId)) continue
    if (!set.recommendations.has(successor.recommendationId))
      successors.set(successor.recommendationId, successor)
  }
  const erased = await erasedAmong(write, [...successors.keys()])
  const added = [...successors.values()].filter(({ recommendationId }) => !erased.has(recommendationId))
  const patch = decisions.versions.find(
    (each) => each.playbookId === active.playbookId && each.version === active.version,
  )
  // In the order of what they replace, the oldest first.
  for (const successor of added.toReversed()) {
    put(write, successor, {
      actor: 'system',
      playbook: active.playbookId,
      version: active.version,
      patch: patch?.patchId ?? null,
      supersedes: successor.supersedes ?? '',
      decided: null,
    })
  }
  return added[0]?.recommendationId ?? null
}

function computed(
  { set, now }: Consequences,
  { replaced, timeZone, versions, weather }: SuccessorInputs,
  after: Playbook,
  recommendationId: RecommendationId,
): Recommendation | undefined {
  // As the working set has it: that is what the write finds changed, or not.
  const recommendation = set.recommendations.get(recommendationId)?.state.canonical.record
  if (recommendation?.status !== 'pending_confirmation' || replaced.has(recommendationId)) return undefined
  const { observationId, playbookVersion, weatherFeaturesId } = recommendation
  const observation = set.observations.get(observationId)?.state.canonical.record
  if (!observation) return undefined
  return successorOf({
    recommendation,
    observation,
    before: versions.get(playbookVersion),
    after,
    weather: weather.get(weatherFeaturesId),
    timeZone,
    generatedAt: now.toISOString(),
  })
}

async function erasedAmong(
  { connection, workspaceId }: Consequences,
  ids: readonly RecommendationId[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const names = ids.map((entityId) => ({ entityType: 'recommendation' as const, entityId }))
  return new Set((await readErased(connection, workspaceId, names)).map(({ entityId }) => entityId))
}

/**
 * Recommendations were decided on, by a device that did not know of their successors: a pending successor says so (REC-21).
 * One that comes up by the time of the write has all of it decided again.
 */
async function noteDecisions(
  write: Consequences,
  decided: readonly Recommendation[],
  active: ReadonlyMap<PlaybookId, number>,
): Promise<void> {
  const { connection, workspaceId, set } = write
  const observationIds = decided.map(({ observationId }) => observationId)
  const replaced = await readReplaced(connection, workspaceId, set, observationIds)
  for (const record of decided) {
    const successor = set.recommendations.get(replaced.get(record.recommendationId) ?? '')
    if (!successor) watchSuccessors(set, record, active.get(record.playbookId))
    else noteDecision(write, record, successor.state.canonical.record)
  }
}

function noteDecision(write: Consequences, record: Recommendation, successor: Recommendation): void {
  const { recommendationId, status } = record
  if (successor.status !== 'pending_confirmation' || status === 'pending_confirmation') return
  const said = withSupersededStatus(successor, status)
  if (!said) return
  put(
    write,
    { ...said, updatedAt: write.now.toISOString() },
    {
      actor: 'system',
      playbook: successor.playbookId,
      version: successor.playbookVersion,
      patch: null,
      supersedes: recommendationId,
      decided: status,
    },
  )
}

/** The successor by the active version, with the weather or without, must still not be there at the write. */
function watchSuccessors(set: WorkingSet, record: Recommendation, activeVersion: number | undefined): void {
  if (activeVersion === undefined) return
  const { observationId, playbookId, weatherFeaturesId } = record
  for (const weather of new Set([weatherFeaturesId, NO_WEATHER.weatherFeaturesId])) {
    const from = { observationId, playbookId, playbookVersion: activeVersion, weatherFeaturesId: weather }
    const id = derivedRecommendationId(from)
    if (!set.recommendations.has(id)) set.guards.push({ kind: 'recommendation', id, revision: null })
  }
}

/** The record is written last, as the server's own. */
function put({ set, decisions, now }: Consequences, record: Recommendation, cause: ServerCause): void {
  const id = record.recommendationId
  const before = set.recommendations.get(id)
  const canonical = canonicalRecord(record)
  decisions.changes.push({
    type: 'recommendation',
    id,
    kind: before ? 'update' : 'create',
    before: before ? sha256(before.state.canonical.text) : null,
    after: sha256(canonical.text),
    cause,
  })
  decisions.stateChanged('recommendation', id, before?.state.canonical, canonical)
  if (before?.byServer !== true) decisions.byServer++
  set.recommendations.delete(id)
  set.recommendations.set(id, {
    state: { canonical, timeMicros: nowMicros(now) },
    revision: before?.revision ?? null,
    storedAt: before?.storedAt ?? null,
    changed: true,
    moved: false,
    byServer: true,
  })
}
