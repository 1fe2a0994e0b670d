import type { Queryable } from '@fieldsync/db'
import { judgeObservations } from './judge-observations.ts'
import { judgePatches } from './judge-patches.ts'
import { judgeRecommendations } from './judge-recommendations.ts'
import { Judgement, type JudgeContext } from './judgement.ts'
import { addRebaseInformation } from './rebase-information.ts'
import { type CanonicalUpserts, readWorkingSet, type WorkingSet } from './working-set.ts'

/** Reads what the records meet, and gives each record exactly one outcome, in the order of BAT-2. Writes nothing. */
export async function judgeUpserts(
  connection: Queryable,
  context: JudgeContext,
  upserts: CanonicalUpserts,
): Promise<{ set: WorkingSet; judgement: Judgement }> {
  const { workspaceId } = context.actor
  const set = await readWorkingSet(connection, workspaceId, upserts)
  const judgement = new Judgement()
  judgeObservations(context, set, upserts.observations, judgement)
  judgeRecommendations(context, set, upserts.recommendations, judgement)
  judgePatches(context, set, upserts.playbookPatches, judgement)
  await addRebaseInformation(connection, workspaceId, set, judgement)
  return { set, judgement }
}
