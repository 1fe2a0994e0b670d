import {
  instantMicros,
  type Observation,
  type Playbook,
  type PlaybookRule,
  type Recommendation,
  type RecommendationId,
  type RiskFlag,
  type RuleId,
  type WeatherFeatures,
} from '@fieldsync/contracts'

import { chooseRule } from './choose-rule.ts'
import { checkConstraints } from './constraints.ts'
import { driver, monitorOnly, type MonitorOnlyReason } from './drivers.ts'
import { withinRange, zonedInstant } from './time/zone.ts'
import { atSurface } from './weather/at-surface.ts'
import { applicable, type FeatureName, featureValue } from './weather/condition.ts'
import { NO_WEATHER } from './weather/no-weather.ts'
import { irrigationWindow } from './window/irrigation-window.ts'
import { offsetWindow, shifted, type TimingWindow } from './window/timing-window.ts'

/** Why there is no recommendation: no rule for the observation, or one whose window ends before it starts. */
export const REFUSALS = ['no_rule', 'window_reversed'] as const
export type RefusalReason = (typeof REFUSALS)[number]

export type RecommendInput = {
  readonly observation: Observation
  readonly playbook: Playbook
  /** Absent: {@link NO_WEATHER}. */
  readonly weather?: WeatherFeatures | undefined
  /** The workspace's, an IANA name. */
  readonly timeZone: string
  readonly recommendationId: RecommendationId
  /** RFC 3339. */
  readonly generatedAt: string
  readonly supersedes?: RecommendationId | undefined
}

export type Recommended =
  | { readonly ok: true; readonly recommendation: Recommendation; readonly ruleId: RuleId }
  | { readonly ok: false; readonly refusal: RefusalReason }

const STANDARD_TIMING = 'standard_timing'

/**
 * What to do about an observation and when, by a playbook and the weather (AGR-1): the same inputs give the same bytes on every
 * device. Nothing is applied by it: a person confirms or rejects it.
 *
 * @throws RangeError for a time zone that the platform does not know
 */
export function recommend(input: RecommendInput): Recommended {
  const { observation, playbook, weather = NO_WEATHER, timeZone } = input
  const chosen = chooseRule(observation, playbook)
  if (chosen === undefined) return { ok: false, refusal: 'no_rule' }
  const { rule } = chosen
  const { baseWindowHours, weatherAdjustments } = rule.timing
  if (baseWindowHours.endOffsetHours < baseWindowHours.startOffsetHours) {
    return { ok: false, refusal: 'window_reversed' }
  }

  const reference = Math.floor(instantMicros(observation.extraction.observationTime) / 1_000_000)
  const standard = offsetWindow(reference, baseWindowHours)
  const { irrigationWindowLocal } = rule.constraints
  const base =
    irrigationWindowLocal === undefined
      ? standard
      : irrigationWindow(irrigationWindowLocal, reference, timeZone)
  const adjustments = applicable(weatherAdjustments, weather)
  const adjusted = shifted(base, adjustments)

  const { reasons: unmet, drivers } = checkConstraints({
    rule,
    weather,
    surface: atSurface(observation, weather),
    leavesInversion: adjustments.some(({ feature }) => feature === 'inversionPresent'),
  })
  const reasons: MonitorOnlyReason[] = adjusted.endAt < adjusted.startAt ? [...unmet, 'window'] : [...unmet]
  const isMonitorOnly = reasons.length > 0
  const tags = new Set(adjustments.map(({ rationaleTag }) => rationaleTag))

  const { issue, severity } = observation.extraction
  const recommendation: Recommendation = {
    action: isMonitorOnly ? 'monitor' : rule.action.instructions,
    generatedAt: input.generatedAt,
    issue,
    observationId: observation.observationId,
    playbookId: playbook.playbookId,
    playbookVersion: playbook.version,
    rationale: tags.size === 0 ? [STANDARD_TIMING] : [...tags],
    recommendationId: input.recommendationId,
    requiredConfirmation: true,
    riskFlags: riskFlags(weather, isMonitorOnly, chosen.exact),
    severity,
    status: 'pending_confirmation',
    ...(input.supersedes === undefined ? {} : { supersedes: input.supersedes }),
    timingWindow: {
      confidence: isMonitorOnly ? 0.5 : confidence(weather),
      drivers: [
        ...featureDrivers(rule, weather),
        ...drivers,
        ...unchecked(rule),
        ...reasons.map(monitorOnly),
      ],
      ...times(isMonitorOnly ? standard : adjusted, timeZone),
    },
    weatherFeaturesId: weather.weatherFeaturesId,
  }
  return { ok: true, recommendation, ruleId: chosen.ruleId }
}

function times(
  { startAt, endAt }: TimingWindow,
  timeZone: string,
): Pick<Recommendation['timingWindow'], 'endAt' | 'localTimezone' | 'startAt'> {
  return {
    endAt: zonedInstant(withinRange(endAt), timeZone),
    localTimezone: timeZone,
    startAt: zonedInstant(withinRange(startAt), timeZone),
  }
}

/** AGR-13. */
function riskFlags(weather: WeatherFeatures, isMonitorOnly: boolean, isExact: boolean): RiskFlag[] {
  const flags: RiskFlag[] = []
  if (weather.sourceMode === 'none') flags.push('weather_data_missing')
  if (weather.windShearProxy === 'high') flags.push('high_drift_risk')
  if (isMonitorOnly) flags.push('low_confidence')
  if (!isExact) flags.push('manual_review_required')
  return flags
}

/** AGR-14; in hundredths until the end, since 0.9 − 0.1 is not 0.8 in binary. */
function confidence({ sourceMode, windShearProxy, humidityLayering }: WeatherFeatures): number {
  const demo = sourceMode === 'demo' ? 5 : 0
  const shear = windShearProxy === 'high' ? 10 : 0
  const humidity = humidityLayering === 'unknown' ? 10 : 0
  return Math.max(50, 90 - demo - shear - humidity) / 100
}

const ALWAYS: readonly FeatureName[] = ['inversionPresent', 'humidityLayering', 'windShearProxy']

/** The weather that every recommendation names, and what else the rule's adjustments look at. */
function featureDrivers(rule: PlaybookRule, weather: WeatherFeatures): string[] {
  const isSpray = rule.action.type === 'spray'
  const read = rule.timing.weatherAdjustments.map(({ feature }) => feature)
  const named = new Set([...ALWAYS, ...read])
  // Among the limits of a spray rule already.
  if (isSpray) named.delete('sprayWindowScore')
  return [...named].map((feature) => driver(feature, featureValue(weather, feature) ?? 'unknown'))
}

/** The window of the rule, and what no phone and no provider can say: how long it has not rained. */
function unchecked({ constraints }: PlaybookRule): string[] {
  const { irrigationWindowLocal, minHoursWithoutRain } = constraints
  return [
    ...(irrigationWindowLocal === undefined ? [] : [driver('irrigationWindowLocal', irrigationWindowLocal)]),
    ...(minHoursWithoutRain === undefined ? [] : [driver('minHoursWithoutRain', minHoursWithoutRain, false)]),
  ]
}
