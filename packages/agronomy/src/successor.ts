import type { Observation, Playbook, Recommendation, RuleId, WeatherFeatures } from '@fieldsync/contracts'
import { canonicalText } from '@fieldsync/domain'

import { derivedRecommendationId } from './derived-id.ts'
import { differences } from './differences.ts'
import { driver, readDriver } from './drivers.ts'
import { recommend } from './recommend.ts'
import { NO_WEATHER } from './weather/no-weather.ts'

/** The driver of a successor that names how the recommendation before it was decided (REC-21). */
const SUPERSEDED_STATUS = 'supersededStatus'

export type SuccessorInput = {
  /** Pending, and replaced by none. */
  readonly recommendation: Recommendation
  /** As it is now. */
  readonly observation: Observation
  /** The version that the recommendation names; undefined where it is not known. */
  readonly before: Playbook | undefined
  /** The active version. */
  readonly after: Playbook
  /** The recommendation's own; undefined where it is not stored. */
  readonly weather: WeatherFeatures | undefined
  readonly timeZone: string
  readonly generatedAt: string
}

/**
 * The recommendation that takes the place of another one under a newer version of its playbook (REC-16): undefined where
 * the change does not affect it, since its rule is the same or nothing that matters differs, and where the newer version
 * gives no recommendation.
 */
export function successorOf(input: SuccessorInput): Recommendation | undefined {
  const { recommendation, observation, before, after, timeZone, generatedAt } = input
  const weather = input.weather ?? NO_WEATHER
  const { recommendationId: supersedes } = recommendation
  const recommendationId = derivedRecommendationId({
    observationId: observation.observationId,
    playbookId: after.playbookId,
    playbookVersion: after.version,
    weatherFeaturesId: weather.weatherFeaturesId,
  })
  const common = { observation, weather, timeZone, generatedAt }
  const now = recommend({ ...common, playbook: after, recommendationId, supersedes })
  if (!now.ok) return undefined
  if (before !== undefined) {
    const then = recommend({ ...common, playbook: before, recommendationId })
    if (then.ok && isSameRule(before, then.ruleId, after, now.ruleId)) return undefined
  }
  const carried = recommendation.timingWindow.drivers.filter(
    (each) => readDriver(each).name === SUPERSEDED_STATUS,
  )
  const successor = withDrivers(now.recommendation, carried)
  if (differences(recommendation, successor).length === 0) return undefined
  // With a time of its own, so that a device whose clock is behind writes a later one (REC-6).
  return { ...successor, updatedAt: generatedAt }
}

const isSameRule = (before: Playbook, was: RuleId, after: Playbook, is: RuleId): boolean =>
  was === is && canonicalText(before.rules[was]) === canonicalText(after.rules[is])

/**
 * A successor that says that the recommendation before it was decided on all the same, as a device offline may (REC-21).
 * @returns undefined where it says so already, as one does that takes the place of another successor
 */
export function withSupersededStatus(
  successor: Recommendation,
  status: Exclude<Recommendation['status'], 'pending_confirmation'>,
): Recommendation | undefined {
  const said = driver(SUPERSEDED_STATUS, status)
  return successor.timingWindow.drivers.includes(said) ? undefined : withDrivers(successor, [said])
}

function withDrivers(recommendation: Recommendation, added: readonly string[]): Recommendation {
  const { drivers, ...window } = recommendation.timingWindow
  return {
    ...recommendation,
    timingWindow: { ...window, drivers: [...new Set([...drivers, ...added])] },
  }
}
