import { derivedRecommendationId, differences, NO_WEATHER, recommend } from '@fieldsync/agronomy'
import type { Observation, Playbook, Recommendation, WeatherFeatures } from '@fieldsync/contracts'
import { isSameJson } from '@fieldsync/domain'

/** Why there is no recommendation for a note. */
export type NoRecommendation = 'other_issue' | 'no_playbook' | 'no_rule' | 'window_reversed'

/** What a recommendation is computed from. */
export type Facts = {
  readonly note: Observation
  /** As the server has them: a change that is not sent yet may be refused. */
  readonly playbooks: readonly Playbook[]
  /** Null without weather that may be used now. */
  readonly weather: WeatherFeatures | null
  /** The workspace's, an IANA name. */
  readonly timeZone: string
  /** Milliseconds since 1970. */
  readonly now: number
}

type Computed =
  | { readonly ok: true; readonly recommendation: Recommendation }
  | { readonly ok: false; readonly reason: NoRecommendation }

/**
 * The recommendation for a note by the first playbook, in the order of their ids, that has a rule for it; else why there is
 * none. Pure: the same facts give the same bytes on every device.
 */
export function recommendFor(
  { note, playbooks, weather, timeZone, now }: Facts,
  supersedes?: Recommendation['recommendationId'],
): Computed {
  if (note.extraction.issue === 'other') return { ok: false, reason: 'other_issue' }
  const features = weather ?? NO_WEATHER
  let reason: NoRecommendation = 'no_playbook'
  for (const playbook of playbooks.toSorted((a, b) => (a.playbookId < b.playbookId ? -1 : 1))) {
    const computed = recommend({
      observation: note,
      playbook,
      weather: features,
      timeZone,
      recommendationId: derivedRecommendationId({
        observationId: note.observationId,
        playbookId: playbook.playbookId,
        playbookVersion: playbook.version,
        weatherFeaturesId: features.weatherFeaturesId,
      }),
      generatedAt: new Date(now).toISOString(),
      ...(supersedes === undefined ? {} : { supersedes }),
    })
    if (computed.ok) return computed
    if (reason !== 'window_reversed') reason = computed.refusal
  }
  return { ok: false, reason }
}

/** What asks for a recommendation: a note that was saved here, a note that may have none yet, or newer weather. */
export type Cause = 'note' | 'missing' | 'weather'

type Plan =
  /** To be stored; on top of `basedOn` where it is a new version of the same record. */
  | { readonly kind: 'save'; readonly recommendation: Recommendation; readonly basedOn?: Recommendation }
  /** What is there stays as it is. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'none'; readonly reason: NoRecommendation }

const KEEP: Plan = { kind: 'keep' }

/**
 * What becomes of a note's recommendation on the device that has written the note (APP-98). What a person has decided is never
 * touched, and what says the same is not written again.
 *
 * @param current the one that counts, of those that the note has; null for none
 * @param isKnown whether a recommendation of this id is on the device already
 */
export function planFor(
  facts: Facts,
  cause: Cause,
  current: Recommendation | null,
  isKnown: (id: string) => boolean,
): Plan {
  if (current !== null && !mayReplace(current, cause, facts)) return KEEP
  const computed = recommendFor(facts)
  if (!computed.ok) return { kind: 'none', reason: computed.reason }
  const { recommendation } = computed
  const { recommendationId: id } = recommendation
  if (current === null) return isKnown(id) ? KEEP : { kind: 'save', recommendation }
  if (saysTheSame(current, recommendation)) return KEEP
  if (id === current.recommendationId) {
    const { supersedes } = current
    return {
      kind: 'save',
      recommendation: { ...recommendation, ...(supersedes === undefined ? {} : { supersedes }) },
      basedOn: current,
    }
  }
  // It was here before, and something else has taken its place.
  if (isKnown(id)) return KEEP
  const next = recommendFor(facts, current.recommendationId)
  return next.ok ? { kind: 'save', recommendation: next.recommendation } : KEEP
}

function mayReplace(
  { status, timingWindow, weatherFeaturesId }: Recommendation,
  cause: Cause,
  { weather, now }: Facts,
): boolean {
  if (status !== 'pending_confirmation') return false
  if (cause === 'note') return true
  if (cause === 'missing' || weather === null) return false
  return weather.weatherFeaturesId !== weatherFeaturesId && Date.parse(timingWindow.endAt) > now
}

function saysTheSame(before: Recommendation, after: Recommendation): boolean {
  const what = ({ issue, severity, playbookId }: Recommendation) => [issue, severity, playbookId]
  return differences(before, after).length === 0 && isSameJson(what(before), what(after))
}
