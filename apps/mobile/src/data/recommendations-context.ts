import { createContext, use, useSyncExternalStore } from 'react'

import type { RecommendationIndex } from './recommendation-index.ts'
import type { RecommendationSet } from './recommendation-set.ts'
import type { Recommender } from './recommender.ts'
import type { WeatherKeeper } from './weather-keeper.ts'

/** What looks after the recommendations of the store in use. */
export type Recommendations = {
  readonly index: RecommendationIndex
  readonly recommender: Recommender
  readonly weather: WeatherKeeper
}

export const RecommendationsContext = createContext<Recommendations | null>(null)

export function useRecommendationParts(): Recommendations {
  const parts = use(RecommendationsContext)
  if (parts === null) throw new Error('no RecommendationsContext around this component')
  return parts
}

/** All recommendations on the device, as they are now; undefined until they are read for the first time. */
export function useRecommendations(): RecommendationSet | undefined {
  const { index } = useRecommendationParts()
  return useSyncExternalStore(index.subscribe, index.snapshot)
}
