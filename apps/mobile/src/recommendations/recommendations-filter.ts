import {
  byWindow,
  isOpen,
  type RecommendationEntry,
  type RecommendationSet,
} from '../data/recommendation-set.ts'

export const FILTERS = ['open', 'past', 'decided', 'replaced'] as const
export type Filter = (typeof FILTERS)[number]

/**
 * The recommendations of a choice. Each is in one of them alone: what was replaced while it was pending, what was decided, and
 * of the rest what has passed. Open ones begin with the window that opens first, the others with the latest.
 *
 * @param now milliseconds since 1970
 */
export function filtered(
  set: RecommendationSet,
  filter: Filter,
  now: number,
): readonly RecommendationEntry[] {
  if (filter === 'open') return set.open(now)
  return [...set.byId.values()]
    .filter((entry) => choiceOf(set, entry, now) === filter)
    .toSorted((a, b) => byWindow(b, a))
}

function choiceOf(set: RecommendationSet, entry: RecommendationEntry, now: number): Filter {
  if (entry.status !== 'pending_confirmation') return 'decided'
  if (set.successorOf(entry.id) !== null) return 'replaced'
  return isOpen(entry, now) ? 'open' : 'past'
}
