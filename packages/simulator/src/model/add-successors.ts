import { NO_WEATHER, replacedBy, successorOf, withSupersededStatus } from '@fieldsync/agronomy'
import { instantMicros, type Playbook, type Recommendation } from '@fieldsync/contracts'
import { canonicalText, type ServerCause } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import { type Batch, instantOf, microsOf } from './batch.ts'
import { DEMO_WEATHER } from './demo-weather.ts'

const TIME_ZONE = 'America/Los_Angeles'
/** So many stored recommendations are looked at in the batch that changes a playbook (REC-16). */
const AT_ONCE = 50

/**
 * What the server does in consequence of a batch (REC-16 to REC-22): successors of the pending recommendations that its
 * patches affect and of those that came late, and what a successor says of a decision on the one before.
 */
export function addSuccessors(batch: Batch): void {
  const { workspace, now, written, patched } = batch
  const isOpen = ({ status, timingWindow }: Recommendation): boolean =>
    status === 'pending_confirmation' && instantMicros(timingWindow.endAt) > microsOf(now)
  const came = [...written].flatMap(([id, { isNew }]) => {
    const record = workspace.recommendations.get(id)?.record
    return record ? [{ record, isNew }] : []
  })
  const arrived = came.map(({ record }) => record).filter(isOpen)
  const patches = new Map(patched.map(({ playbookId, patchId }) => [playbookId, patchId]))
  for (const [playbookId, patch] of patches) {
    const pending = [...workspace.recommendations.values()]
      .filter(({ record }) => record.playbookId === playbookId && isOpen(record))
      .filter(({ record }) => !written.has(record.recommendationId))
      .toSorted((a, b) => b.position - a.position)
      .slice(0, AT_ONCE)
      .map(({ record }) => record)
    replace(batch, playbookId, patch, [...of(arrived, playbookId).toReversed(), ...pending])
  }
  for (const playbookId of new Set(arrived.map((each) => each.playbookId))) {
    if (!patches.has(playbookId)) replace(batch, playbookId, null, of(arrived, playbookId).toReversed())
  }
  for (const { record, isNew } of came) if (!isNew) noteDecision(batch, record)
}

const of = (records: readonly Recommendation[], playbookId: string): Recommendation[] =>
  records.filter((each) => each.playbookId === playbookId)

function replace(
  batch: Batch,
  playbookId: string,
  patch: string | null,
  candidates: readonly Recommendation[],
): void {
  const { workspace, now } = batch
  const active = workspace.playbooks.get(playbookId)?.document
  if (!active) return
  const replaced = replacedBy(all(batch))
  const made = new Map<string, Recommendation>()
  for (const recommendation of candidates) {
    const { observationId, playbookVersion, recommendationId, weatherFeaturesId } = recommendation
    const observation = workspace.observations.get(observationId)?.record
    if (playbookVersion >= active.version || replaced.has(recommendationId) || !observation) continue
    const successor = successorOf({
      recommendation,
      observation,
      before: versionOf(batch, playbookId, playbookVersion),
      after: active,
      weather: [DEMO_WEATHER, NO_WEATHER].find((each) => each.weatherFeaturesId === weatherFeaturesId),
      timeZone: TIME_ZONE,
      generatedAt: instantOf(now),
    })
    if (!successor || workspace.recommendations.has(successor.recommendationId)) continue
    if (!made.has(successor.recommendationId)) made.set(successor.recommendationId, successor)
  }
  for (const successor of [...made.values()].toReversed()) {
    put(batch, successor, {
      ...from(successor),
      patch,
      supersedes: successor.supersedes ?? '',
      decided: null,
    })
  }
}

function noteDecision(batch: Batch, { recommendationId, status }: Recommendation): void {
  if (status === 'pending_confirmation') return
  const id = replacedBy(all(batch)).get(recommendationId)
  const successor = batch.workspace.recommendations.get(id ?? '')?.record
  if (successor?.status !== 'pending_confirmation') return
  const said = withSupersededStatus(successor, status)
  if (!said) return
  put(
    batch,
    { ...said, updatedAt: instantOf(batch.now) },
    { ...from(successor), patch: null, supersedes: recommendationId, decided: status },
  )
}

const from = ({ playbookId, playbookVersion }: Recommendation) =>
  ({ actor: 'system', playbook: playbookId, version: playbookVersion }) as const

const all = ({ workspace }: Batch): Recommendation[] =>
  [...workspace.recommendations.values()].map(({ record }) => record)

const versionOf = ({ workspace }: Batch, playbookId: string, version: number): Playbook | undefined =>
  workspace.versions.find(
    ({ document }) => document.playbookId === playbookId && document.version === version,
  )?.document

function put(batch: Batch, record: Recommendation, cause: ServerCause): void {
  const { workspace, now } = batch
  const id = record.recommendationId
  const before = workspace.recommendations.get(id)?.record
  batch.changes.push({
    type: 'recommendation',
    id,
    kind: before ? 'update' : 'create',
    before: before ? sha256(canonicalText(before)) : null,
    after: sha256(canonicalText(record)),
    cause,
  })
  workspace.deleted.delete(`recommendation/${id}`)
  const position = batch.append()
  workspace.recommendations.set(id, {
    record,
    timeMicros: microsOf(now),
    storedAt: instantOf(now),
    position,
  })
}
