import { successorOf } from '@fieldsync/agronomy'
import { type FieldsyncApi, isFieldsyncError } from '@fieldsync/client'
import type {
  ListedRecommendation,
  Observation,
  Playbook,
  PlaybookId,
  Recommendation,
  WeatherFeatures,
} from '@fieldsync/contracts'

/** How many open recommendations a change is tried on: the newest. The server looks at all. */
export const MOST_COMPARED = 20
/** How many pages are looked through for them: of a long list of pending ones, most may be over. */
const MOST_PAGES = 5
const PAGE_SIZE = 50

/** An open recommendation with all that its successor is computed from. */
export type OpenRecommendation = {
  readonly recommendation: ListedRecommendation
  readonly observation: Observation
  /** Undefined where it is not stored. */
  readonly weather: WeatherFeatures | undefined
  /** The version that it was computed from; undefined where it is not stored. */
  readonly before: Playbook | undefined
}

export type OpenRecommendations = {
  readonly open: readonly OpenRecommendation[]
  /** There are more than were read. */
  readonly hasMore: boolean
}

/** Whether a recommendation can still be confirmed: pending, replaced by none, and its window ends after now. */
const isOpen = ({ replacedBy, status, timingWindow }: ListedRecommendation, now: number): boolean =>
  status === 'pending_confirmation' && replacedBy === undefined && Date.parse(timingWindow.endAt) > now

/**
 * Reads the newest open recommendations by a playbook, with their notes, weather and versions.
 *
 * @param now milliseconds since 1970
 */
export async function readOpenRecommendations(
  api: FieldsyncApi,
  playbookId: PlaybookId,
  now: number,
  signal: AbortSignal,
): Promise<OpenRecommendations> {
  const found: ListedRecommendation[] = []
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES && found.length <= MOST_COMPARED; page++) {
    const { items, nextCursor } = await api.recommendations.list.query(
      {
        status: 'pending_confirmation',
        playbookId,
        limit: PAGE_SIZE,
        ...(cursor === undefined ? {} : { cursor }),
      },
      { signal },
    )
    found.push(...items.filter((listed) => isOpen(listed, now)))
    cursor = nextCursor ?? undefined
    if (cursor === undefined) break
  }
  const compared = found.slice(0, MOST_COMPARED)
  const [observations, weathers, versions] = await Promise.all([
    readEach(compared, 'observationId', (observationId) =>
      api.observations.get.query({ observationId }, { signal }),
    ),
    readEach(compared, 'weatherFeaturesId', (weatherFeaturesId) =>
      api.weather.get.query({ weatherFeaturesId }, { signal }),
    ),
    readEach(compared, 'playbookVersion', (version) =>
      api.playbooks.get.query({ playbookId, version }, { signal }),
    ),
  ])
  const open = compared.flatMap((recommendation) => {
    const observation = observations.get(recommendation.observationId)
    // Deleted since: nothing is computed for it any more.
    if (observation === undefined) return []
    return [
      {
        recommendation,
        observation,
        weather: weathers.get(recommendation.weatherFeaturesId),
        before: versions.get(recommendation.playbookVersion),
      },
    ]
  })
  return { open, hasMore: cursor !== undefined || found.length > compared.length }
}

/** Reads what some recommendations name, each once; what is not stored is left out. */
async function readEach<K extends 'observationId' | 'weatherFeaturesId' | 'playbookVersion', V>(
  recommendations: readonly Recommendation[],
  name: K,
  read: (id: Recommendation[K]) => Promise<V>,
): Promise<Map<Recommendation[K], V>> {
  const ids = [...new Set(recommendations.map((one) => one[name]))]
  const found = await Promise.all(
    ids.map(async (id) => {
      try {
        return [[id, await read(id)] as const]
      } catch (error) {
        if (isFieldsyncError(error, 'NOT_FOUND')) return []
        throw error
      }
    }),
  )
  return new Map(found.flat())
}

/** A recommendation that a change of its playbook would replace, and by what. */
export type Affected = { readonly before: ListedRecommendation; readonly after: Recommendation }

/**
 * Which open recommendations a change of their playbook would replace (APP-110), by the engine of the server: the same
 * recommendations, if nothing else changes before (REC-16).
 *
 * @param after the playbook as the change leaves it, with the version that it will have
 * @param generatedAt RFC 3339
 */
export function affectedBy(
  open: readonly OpenRecommendation[],
  after: Playbook,
  { timeZone, generatedAt }: { readonly timeZone: string; readonly generatedAt: string },
): Affected[] {
  return open.flatMap(({ recommendation, ...inputs }) => {
    const successor = successorOf({ recommendation, ...inputs, after, timeZone, generatedAt })
    return successor === undefined ? [] : [{ before: recommendation, after: successor }]
  })
}
