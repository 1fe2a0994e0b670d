import type { Queryable } from '@fieldsync/db'

import { decideObservations } from './decide-observations.ts'
import { decidePatches } from './decide-patches.ts'
import { decideRecommendations } from './decide-recommendations.ts'
import { BatchDecision, type DecideContext } from './decision.ts'
import { addRebaseInformation } from './rebase-information.ts'
import { type CanonicalUpserts, type StoredRows, type WorkingSet, workingSetOf } from './working-set.ts'

/** Gives each record exactly one outcome on what it meets, in the order of BAT-2. Writes nothing. */
export async function decideUpserts(
  connection: Queryable,
  context: DecideContext,
  upserts: CanonicalUpserts,
  rows: StoredRows,
): Promise<{ set: WorkingSet; judgement: BatchDecision }> {
  const set = workingSetOf(rows)
  const judgement = new BatchDecision()
  decideObservations(context, set, upserts.observations, judgement)
  decideRecommendations(context, set, upserts.recommendations, judgement)
  decidePatches(context, set, upserts.playbookPatches, judgement)
  await addRebaseInformation(connection, context.actor.workspaceId, set, judgement)
  return { set, judgement }
}
