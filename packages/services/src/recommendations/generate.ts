import { derivedRecommendationId, NO_WEATHER, recommend, type RefusalReason } from '@fieldsync/agronomy'
import {
  type GenerateRecommendationInput,
  type Observation,
  type Playbook,
  type Recommendation,
  type WeatherFeatures,
  type WorkspaceId,
} from '@fieldsync/contracts'
import { type Queryable, readObservations, readTimeZone, readWeather } from '@fieldsync/db'
import { canonicalRecord, canonicalText, mayChange } from '@fieldsync/domain'

import type { ServiceContext } from '../core/context.ts'
import { type Replayable, sha256 } from '../core/json-text.ts'
import { forbidden, generationConflict, notFound, ServiceError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { decideUpserts } from '../sync/decide-upserts.ts'
import { planWrite } from '../sync/plan-write.ts'
import { readStoredRows, versionsSince } from '../sync/stored-rows.ts'
import { NO_UPSERTS, workingSetOf } from '../sync/working-set.ts'
import { defaultWeather } from '../weather/default-weather.ts'
import { baseWrite } from '../write/base-write.ts'
import { answerOf, commitDecided, type Decided } from '../write/commit-decided.ts'
import { conflictRefusal } from '../write/conflict-refusal.ts'
import { singleKey, storedAnswer } from '../write/single-write.ts'
import { playbookFor } from './playbook-for.ts'

const OPERATION = 'recommendations.generate'

type Call = { ctx: ServiceContext; input: GenerateRecommendationInput }

/**
 * Computes the recommendation for an observation by the active version of a playbook and the weather, and stores it as one
 * that its author had sent (REC-12 to REC-15). What was computed from the same before is answered as it is stored.
 *
 * @throws ServiceError NOT_FOUND; FORBIDDEN; CONFLICT, reasons of generation; PLAYBOOK_VERSION_MISMATCH; IDEMPOTENCY_CONFLICT
 */
export const generateRecommendation = verb(
  'observations.write',
  async ({ ctx, input }: Call): Promise<Replayable<Recommendation> | ServiceError> => {
    if (input.requestedByDeviceId !== undefined && input.requestedByDeviceId !== ctx.actor.deviceId) {
      return forbidden('device_mismatch', 'requestedByDeviceId is not the device of this credential.')
    }
    const requestSha256 = sha256(canonicalText(input))
    const result = await commitDecided(ctx, async (connection): Promise<Decided> => {
      const known = await storedAnswer(ctx, connection, OPERATION, requestSha256)
      if (known) return known
      return await decide(ctx, connection, input, requestSha256)
    })
    return answerOf(result)
  },
)

async function decide(
  ctx: ServiceContext,
  connection: Queryable,
  input: GenerateRecommendationInput,
  requestSha256: string,
): Promise<Decided> {
  const { actor, clock } = ctx
  const { workspaceId } = actor
  const now = clock.now()
  const { observationId } = input
  const [seen] = await readObservations(connection, workspaceId, [observationId])
  if (!seen) return { refusal: notFound('observation', observationId) }
  // Stored from a parsed Observation, so it is one.
  const observation = JSON.parse(seen.document) as Observation
  if (!mayChange(actor, observation.deviceId)) return { refusal: notYours() }
  const playbook = await playbookFor(connection, workspaceId, input, observation.extraction.crop)
  if (playbook instanceof ServiceError) return { refusal: playbook }
  const weather = await weatherFor(connection, workspaceId, input, observation)
  if (weather instanceof ServiceError) return { refusal: weather }
  const recommendation = await computed(connection, workspaceId, observation, playbook, weather, now)
  if (recommendation instanceof ServiceError) return { refusal: recommendation }

  const { recommendationId, playbookId } = recommendation
  const upserts = { ...NO_UPSERTS, recommendations: [recommendation] }
  const rows = await readStoredRows(connection, actor, upserts, true)
  const context = { actor, requestedAt: now.toISOString(), now }
  const stored = workingSetOf(rows).recommendations.has(recommendationId)
  const incoming = stored ? [] : [canonicalRecord(recommendation)]
  const { set, decisions } = await decideUpserts(
    versionsSince(connection, workspaceId),
    context,
    { ...NO_UPSERTS, recommendations: incoming },
    rows,
  )
  const [refused] = decisions.conflicts
  if (refused) return { refusal: conflictRefusal(refused.conflict) }
  set.guards.push(
    { kind: 'observation', id: observationId, revision: seen.revision },
    { kind: 'playbook', id: playbookId, revision: playbook.version },
  )
  const held = set.recommendations.get(recommendationId)
  if (!held) throw new Error('a recommendation that was accepted is in the working set')
  return {
    write: {
      ...baseWrite(ctx, {
        action: OPERATION,
        at: now,
        changes: decisions.changes,
        target: { type: 'recommendation', id: recommendationId },
        requestSha256,
        outcome: { ok: true, code: null },
      }),
      ...planWrite(set, decisions),
      ...singleKey(ctx, requestSha256),
      counts: JSON.stringify({ accepted: decisions.accepted, conflicts: 0 }),
      responseStart: held.state.canonical.text,
    },
  }
}

async function weatherFor(
  connection: Queryable,
  workspaceId: WorkspaceId,
  { weatherFeaturesId }: GenerateRecommendationInput,
  { extraction, location }: Observation,
): Promise<WeatherFeatures | ServiceError> {
  if (weatherFeaturesId === undefined) {
    const note = { location, observedAt: new Date(extraction.observationTime) }
    return (await defaultWeather(connection, workspaceId, note)) ?? NO_WEATHER
  }
  const [text] = await readWeather(connection, workspaceId, [weatherFeaturesId])
  // Stored from parsed WeatherFeatures, so it is some.
  return text === undefined
    ? notFound('set of weather features', weatherFeaturesId)
    : (JSON.parse(text) as WeatherFeatures)
}

async function computed(
  connection: Queryable,
  workspaceId: WorkspaceId,
  observation: Observation,
  playbook: Playbook,
  weather: WeatherFeatures,
  now: Date,
): Promise<Recommendation | ServiceError> {
  const result = recommend({
    observation,
    playbook,
    weather,
    timeZone: await readTimeZone(connection, workspaceId),
    recommendationId: derivedRecommendationId({
      observationId: observation.observationId,
      playbookId: playbook.playbookId,
      playbookVersion: playbook.version,
      weatherFeaturesId: weather.weatherFeaturesId,
    }),
    generatedAt: now.toISOString(),
  })
  // With a time of its own, so that a device whose clock is behind writes a later one (REC-6).
  return result.ok
    ? { ...result.recommendation, updatedAt: result.recommendation.generatedAt }
    : generationConflict(result.refusal, WHY[result.refusal])
}

const WHY: Readonly<Record<RefusalReason, string>> = {
  no_rule: 'The playbook has no rule for the issue and the severity of this observation.',
  window_reversed: 'The rule for this observation ends before it starts: the playbook has to be corrected.',
}

const notYours = (): ServiceError =>
  forbidden('role', 'Only the author of the observation or an agronomist generates recommendations for it.')
