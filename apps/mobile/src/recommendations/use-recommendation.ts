import type { FieldsyncClient } from '@fieldsync/client'
import type { Observation, Playbook, Recommendation } from '@fieldsync/contracts'
import type { LocalConflict, RecordView } from '@fieldsync/sync-engine'
import { useCallback } from 'react'

import { useStored } from '../data/use-stored.ts'

/** A recommendation with what it was computed from, as far as that is on this device. */
export type KnownRecommendation = {
  readonly view: RecordView<'recommendation'> | null
  readonly conflict: LocalConflict | undefined
  /** The one that it names as the one before it. */
  readonly before: Recommendation | null
  readonly note: Observation | null
  /** As it is by now. */
  readonly playbook: Playbook | null
}

/** Undefined until it was read. */
export function useRecommendation(id: string): KnownRecommendation | undefined {
  const read = useCallback(
    async (client: FieldsyncClient): Promise<KnownRecommendation> => {
      // A change of the playbook that is not sent yet has recommended nothing.
      const playbookOf = async (playbookId: string) =>
        (await client.record('playbook', playbookId))?.server ?? null
      const view = await client.record('recommendation', id)
      if (view === null) {
        return { view, conflict: undefined, before: null, note: null, playbook: null }
      }
      const { observationId, playbookId, supersedes } = view.document
      const before = supersedes === undefined ? null : await client.record('recommendation', supersedes)
      return {
        view,
        conflict: (await client.conflictsOf('recommendation', id))[0],
        before: before?.document.observationId === observationId ? before.document : null,
        note: (await client.record('observation', observationId))?.document ?? null,
        playbook: await playbookOf(playbookId),
      }
    },
    [id],
  )
  return useStored(read)
}
