import type { Observation, Recommendation, SyncBatchRequest, SyncBatchResponse } from '@fieldsync/contracts'
import { canonicalRecord } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import type { WorkspaceState } from '../state/workspace-state.ts'
import { hasSameContent, isSame } from './equality.ts'

/**
 * G1: the server holds what a 200 counts (BAT-3, BAT-5). To be asked right after the answer, before anybody else writes;
 * not of a replay, which shows an earlier moment.
 */
export function acknowledged(
  { upserts }: SyncBatchRequest,
  { acceptedCounts, conflicts }: Pick<SyncBatchResponse, 'acceptedCounts' | 'conflicts'>,
  state: WorkspaceState,
): string[] {
  const sent = upserts.observations.length + upserts.recommendations.length + upserts.playbookPatches.length
  const counted =
    acceptedCounts.observations + acceptedCounts.recommendations + acceptedCounts.playbookPatches
  // Of records under one id only the last accepted one is still there; which that is the answer does not say.
  const refused = new Set(conflicts.map(({ entityId }) => entityId))
  const lastOf = <T>(records: readonly T[], idOf: (record: T) => string): T[] =>
    [...new Map(records.map((record) => [idOf(record), record])).values()].filter(
      (record) => !refused.has(idOf(record)),
    )
  const lost = [
    ...lastOf(upserts.observations, (each) => each.observationId)
      .filter((each) => !holdsObservation(state, each))
      .map((each) => each.observationId),
    ...lastOf(upserts.recommendations, (each) => each.recommendationId)
      .filter((each) => !holdsRecord(state.recommendations.get(each.recommendationId)?.record, each))
      .map((each) => each.recommendationId),
    ...lastOf(upserts.playbookPatches, (each) => each.patchId)
      .filter(
        (each) =>
          !state.patches.some(
            ({ patch, outcome }) => patch.patchId === each.patchId && outcome === 'applied',
          ),
      )
      .map((each) => each.patchId),
  ]
  return [
    ...(sent === counted + conflicts.length
      ? []
      : [`${sent} records were sent, ${counted} accepted and ${conflicts.length} refused`]),
    ...lost.map((id) => `${id} was accepted and is not held`),
  ]
}

function holdsObservation({ observations, corrections }: WorkspaceState, sent: Observation): boolean {
  if (holdsRecord(observations.get(sent.observationId)?.record, sent)) return true
  // A late duplicate of a correction is in the history, whatever was corrected since (OBS-11).
  const content = sha256(canonicalRecord(sent).contentText)
  return corrections.some(
    (each) =>
      each.observationId === sent.observationId &&
      each.correctionId === sent.correction?.correctionId &&
      each.contentSha256 === content,
  )
}

const holdsRecord = <T extends Observation | Recommendation>(held: T | undefined, sent: T): boolean =>
  held !== undefined && held.status === sent.status && hasSameContent(held, sent)

/**
 * G3: pages from the beginning to the head hold every record of the workspace once, in its latest state and in the order
 * of the log. For pages that were read while nobody wrote.
 */
export function noGaps(pages: readonly SyncBatchResponse[], state: WorkspaceState): string[] {
  const findings: string[] = []
  const seen: string[] = []
  const places = new Map(state.log.map((key, i) => [key, i]))
  const place = (key: string) => places.get(key) ?? -1
  for (const { downstream } of pages) {
    // Inside a page each kind is in order; how the two lie between each other it does not say.
    const page = [
      ...downstream.observations.map((record) => ({ key: `observation/${record.observationId}`, record })),
      ...downstream.recommendations.map((record) => ({
        key: `recommendation/${record.recommendationId}`,
        record,
      })),
    ]
    for (const { key, record } of page.toSorted((a, b) => place(a.key) - place(b.key))) {
      seen.push(key)
      if (!isSame(record, recordAt(state, key))) findings.push(`${key} came in another state`)
    }
    const outOfOrder = [downstream.observations, downstream.recommendations].some((list) => {
      const order = list.map((record) => place(keyOf(record)))
      return order.some((each, i) => i > 0 && each < (order[i - 1] ?? 0))
    })
    if (outOfOrder) findings.push('a page is not in the order of the log')
  }
  const due = state.log.filter((key) => !key.startsWith('playbook/'))
  if (seen.join() !== due.join())
    findings.push(`the pages hold ${seen.join(', ')} instead of ${due.join(', ')}`)
  if (pages.at(-1)?.downstream.hasMore !== false) findings.push('the last page does not end at the head')
  return findings
}

const keyOf = (record: object): string =>
  'recommendationId' in record
    ? `recommendation/${String(record.recommendationId)}`
    : `observation/${'observationId' in record ? String(record.observationId) : ''}`

function recordAt({ observations, recommendations }: WorkspaceState, key: string): object | undefined {
  const id = key.slice(key.indexOf('/') + 1)
  return key.startsWith('observation/') ? observations.get(id)?.record : recommendations.get(id)?.record
}
