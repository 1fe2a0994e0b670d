import type { Queryable } from '@fieldsync/db'

import { judgeObservations } from './decide-observations.ts'
import { judgePatches } from './decide-patches.ts'
import { judgeRecommendations } from './decide-recommendations.ts'
import { Judgement, type JudgeContext } from './decision.ts'
import { addRebaseInformation } from './rebase-information.ts'
import { type CanonicalUpserts, type StoredRows, type WorkingSet, workingSetOf } from './working-set.ts'

/** Gives each record exactly one outcome on what it meets, in the order of BAT-2. Writes nothing. */
export async function judgeUpserts(
  connection: Queryable,
  context: JudgeContext,
  upserts: CanonicalUpserts,
  rows: StoredRows,
): Promise<{ set: WorkingSet; judgement: Judgement }> {
  const set = workingSetOf(rows)
  const judgement = new Judgement()
  judgeObservations(context, set, upserts.observations, judgement)
  judgeRecommendations(context, set, upserts.recommendations, judgement)
  judgePatches(context, set, upserts.playbookPatches, judgement)
  await addRebaseInformation(connection, context.actor.workspaceId, set, judgement)
  return { set, judgement }
}
