import { decidePatches } from './decide-patches.ts'
import { decideObservations, decideRecommendations } from './decide-records.ts'
import { BatchDecisions, type DecideContext } from './decision.ts'
import { addRebaseInformation, type VersionsSince } from './rebase-information.ts'
import { type CanonicalUpserts, type StoredRows, type WorkingSet, workingSetOf } from './working-set.ts'

/**
 * Gives each record exactly one outcome on what it meets, in the order of BAT-2, unless the conflicts do not fit one
 * answer ({@link BatchDecisions.conflictsFit}). Writes nothing.
 */
export async function decideUpserts(
  versionsSince: VersionsSince,
  context: DecideContext,
  upserts: CanonicalUpserts,
  rows: StoredRows,
): Promise<{ set: WorkingSet; decisions: BatchDecisions }> {
  const set = workingSetOf(rows)
  const decisions = new BatchDecisions()
  decideObservations(context, set, upserts.observations, decisions)
  decideRecommendations(context, set, upserts.recommendations, decisions)
  decidePatches(context, set, upserts.playbookPatches, decisions)
  await addRebaseInformation(set, decisions, versionsSince)
  return { set, decisions }
}
