import { NO_WEATHER, replacedBy } from '@fieldsync/agronomy'
import type {
  Observation,
  Playbook,
  Recommendation,
  WeatherFeatures,
  WeatherFeaturesId,
} from '@fieldsync/contracts'
import {
  type PendingRow,
  type Queryable,
  readObservations,
  readRecommendationsFor,
  readTimeZone,
  readVersions,
  readWeather,
} from '@fieldsync/db'
import type { CanonicalRecord } from '@fieldsync/domain'

import { unique, working, type WorkingSet } from './working-set.ts'

/** Everything that successors of some recommendations are computed from, besides the recommendations. */
export type SuccessorInputs = {
  readonly timeZone: string
  /** Which recommendations of the same observations are replaced, with what takes their place. */
  readonly replaced: ReturnType<typeof replacedBy>
  readonly weather: ReadonlyMap<WeatherFeaturesId, WeatherFeatures>
  /** Versions of the playbook that the recommendations name. */
  readonly versions: ReadonlyMap<number, Playbook>
}

/**
 * Reads it in a few set-based queries. Observations and recommendations that are not in the working set yet are added to it, so
 * that the write finds out if they have changed.
 */
export async function readInputs(
  connection: Queryable,
  workspaceId: string,
  set: WorkingSet,
  playbookId: string,
  recommendations: readonly Recommendation[],
): Promise<SuccessorInputs> {
  const observationIds = unique(recommendations.map((each) => each.observationId))
  const versions = [...new Set(recommendations.map((each) => each.playbookVersion))]
  const unread = observationIds.filter((id) => !set.observations.has(id))
  const [observationRows, recommendationRows, weatherTexts, versionTexts, timeZone] = await Promise.all([
    unread.length > 0 ? readObservations(connection, workspaceId, unread) : [],
    readRecommendationsFor(connection, workspaceId, observationIds),
    readWeather(connection, workspaceId, unique(recommendations.map((each) => each.weatherFeaturesId))),
    readVersions(connection, workspaceId, playbookId, versions),
    readTimeZone(connection, workspaceId),
  ])
  for (const row of observationRows) {
    // Its corrections are not looked at, since it is not written.
    const state = (canonical: CanonicalRecord<Observation>) => ({
      canonical,
      timeMicros: row.timeMicros,
      corrections: new Map<string, string>(),
    })
    set.observations.set(row.id, working(row, state))
  }
  addRecommendations(set, recommendationRows)
  // What is stored was parsed when it was written.
  const weather = weatherTexts.map((text) => JSON.parse(text) as WeatherFeatures)
  const documents = versionTexts.map((text) => JSON.parse(text) as Playbook)
  return {
    timeZone,
    replaced: replacedIn(set),
    weather: new Map([NO_WEATHER, ...weather].map((each) => [each.weatherFeaturesId, each])),
    versions: new Map(documents.map((each) => [each.version, each])),
  }
}

/**
 * Adds to the working set all recommendations for these observations.
 * @returns which of those in the set are replaced
 */
export async function readReplaced(
  connection: Queryable,
  workspaceId: string,
  set: WorkingSet,
  observationIds: readonly string[],
): Promise<SuccessorInputs['replaced']> {
  addRecommendations(set, await readRecommendationsFor(connection, workspaceId, unique(observationIds)))
  return replacedIn(set)
}

function addRecommendations(set: WorkingSet, rows: readonly PendingRow[]): void {
  for (const row of rows) {
    if (set.recommendations.has(row.id)) continue
    const state = (canonical: CanonicalRecord<Recommendation>) => ({ canonical, timeMicros: row.timeMicros })
    set.recommendations.set(row.id, working(row, state))
  }
}

const replacedIn = (set: WorkingSet): SuccessorInputs['replaced'] =>
  replacedBy([...set.recommendations.values()].map(({ state }) => state.canonical.record))
