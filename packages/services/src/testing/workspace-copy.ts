import type { SyncBatchResponse } from '@fieldsync/contracts'
import { canonicalRecord, combineDigests, recordDigest } from '@fieldsync/domain'

import { sha256 } from '../core/json-text.ts'

/** A copy of a workspace as a device keeps it: what came down, the newest last. */
export class WorkspaceCopy {
  readonly #digests = new Map<string, string>()

  take({ downstream }: SyncBatchResponse): void {
    for (const seen of downstream.observations) this.put('observation', seen.observationId, seen)
    for (const advice of downstream.recommendations)
      this.put('recommendation', advice.recommendationId, advice)
    for (const book of downstream.playbooks ?? []) this.put('playbook', book.playbookId, book)
  }

  put(type: 'observation' | 'recommendation' | 'playbook', id: string, record: object): void {
    this.#digests.set(`${type}/${id}`, recordDigest(type, id, canonicalRecord(record), sha256))
  }

  get hash(): string {
    return combineDigests(...this.#digests.values())
  }
}
