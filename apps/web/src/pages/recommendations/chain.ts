import type { ListedRecommendation, Recommendation } from '@fieldsync/contracts'

/**
 * The recommendations that one follows from and that follow from it, in the order in which they replace each other; the one
 * itself among them. Whoever writes a record may name anything in `supersedes`: a circle ends where it closes.
 *
 * @param siblings all that are stored for the same note
 */
export function chainOf<R extends Pick<ListedRecommendation, 'recommendationId' | 'supersedes'>>(
  one: R,
  siblings: readonly R[],
): R[] {
  const byId = new Map(siblings.map((each) => [each.recommendationId, each]))
  const chain = [byId.get(one.recommendationId) ?? one]
  const isNew = (each: R | undefined): each is R =>
    each !== undefined && !chain.some(({ recommendationId }) => recommendationId === each.recommendationId)
  const before = (): R | undefined =>
    byId.get(chain[0]?.supersedes ?? ('' as Recommendation['recommendationId']))
  for (let earlier = before(); isNew(earlier); earlier = before()) chain.unshift(earlier)
  const after = (): R | undefined => {
    const last = chain.at(-1)?.recommendationId
    return siblings.find((each) => each.supersedes === last && isNew(each))
  }
  for (let later = after(); later !== undefined; later = after()) chain.push(later)
  return chain
}
