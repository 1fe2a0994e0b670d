import type { SyncBatchResponse } from '@fieldsync/contracts'

import type { WorkspaceState } from '../state/workspace-state.ts'
import { isSame } from './equality.ts'

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
