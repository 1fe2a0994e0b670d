import { instantMicros, type Recommendation, type RecommendationId } from '@fieldsync/contracts'
import { groupBy } from '@fieldsync/domain'

/**
 * Which of these recommendations are replaced, each with the last one that takes its place (REC-20): one of the same
 * observation that names it in `supersedes`, or one by the same playbook and weather with a newer version. A replaced one is
 * shown as such and confirmed no longer. Recommendations that replace each other in a circle replace nothing.
 */
export function replacedBy(
  recommendations: Iterable<Recommendation>,
): ReadonlyMap<RecommendationId, RecommendationId> {
  const all = [...recommendations]
  const naming = groupBy(all, ({ supersedes }) => supersedes)
  const alike = groupBy(all, inputsOf)
  const next = (one: Recommendation): Recommendation | undefined => {
    const named = (naming.get(one.recommendationId) ?? []).filter(
      (each) => each.observationId === one.observationId && each !== one,
    )
    const newer = (alike.get(inputsOf(one)) ?? []).filter(
      (each) => each.playbookVersion > one.playbookVersion,
    )
    return (named.length > 0 ? named : newer).toSorted(byAge).at(-1)
  }
  const replaced = new Map<RecommendationId, RecommendationId>()
  for (const one of all) {
    const last = endOf(one, next)
    if (last) replaced.set(one.recommendationId, last.recommendationId)
  }
  return replaced
}

const inputsOf = ({ observationId, playbookId, weatherFeaturesId }: Recommendation): string =>
  [observationId, playbookId, weatherFeaturesId].join('\n')

/** Undefined where nothing takes its place, or the way leads back. */
function endOf(
  first: Recommendation,
  next: (one: Recommendation) => Recommendation | undefined,
): Recommendation | undefined {
  const seen = new Set([first])
  let last = first
  for (let one = next(first); one !== undefined; one = next(one)) {
    if (seen.has(one)) return undefined
    seen.add(one)
    last = one
  }
  return last === first ? undefined : last
}

const byAge = (a: Recommendation, b: Recommendation): number =>
  a.playbookVersion - b.playbookVersion ||
  instantMicros(a.generatedAt) - instantMicros(b.generatedAt) ||
  (a.recommendationId < b.recommendationId ? -1 : 1)
