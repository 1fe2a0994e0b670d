import { derivedRecommendationId, recommend } from '@fieldsync/agronomy'
import {
  type Issue,
  Observation,
  type OperationName,
  Playbook,
  type Recommendation,
  WeatherFeatures,
} from '@fieldsync/contracts'
import { type Caller, callOperation, device, observation, postBatch, syncBatch } from '@fieldsync/testkit'

const DEMO_WEATHER = 'wxf_20260211_demo_01'

/** A confirmed note of just now, on something moderate. */
export function confirmedNote(scout: Caller, issue: Issue, fieldBlock = 'Block 7'): Observation {
  const now = new Date().toISOString()
  const extraction = {
    ...observation().extraction,
    issue,
    severity: 'moderate' as const,
    fieldBlock,
    observationTime: now,
  }
  return Observation.parse(
    observation({ deviceId: scout.deviceId, status: 'confirmed', createdAt: now, extraction }),
  )
}

/** A recommendation as a scout's phone makes and sends it, for a note on moderate powdery mildew of just now. */
export async function recommendNow(scout: Caller, fieldBlock: string): Promise<Recommendation> {
  const weather = WeatherFeatures.parse(await read(scout, 'weather.get', { weatherFeaturesId: DEMO_WEATHER }))
  const playbook = Playbook.parse(await read(scout, 'playbooks.get', { playbookId: 'pbk_yolo_grape' }))
  const note = confirmedNote(scout, 'powdery_mildew', fieldBlock)
  const now = note.createdAt
  const made = recommend({
    observation: note,
    playbook,
    weather,
    timeZone: 'America/Los_Angeles',
    recommendationId: derivedRecommendationId({
      observationId: note.observationId,
      playbookId: playbook.playbookId,
      playbookVersion: playbook.version,
      weatherFeaturesId: weather.weatherFeaturesId,
    }),
    generatedAt: now,
  })
  if (!made.ok) throw new Error(made.refusal)
  await pushRecommendation(scout, made.recommendation, note)
  return made.recommendation
}

/** Sends notes in a batch. */
export async function pushNotes(scout: Caller, observations: Observation[]): Promise<void> {
  const batch = syncBatch({ device: device({ deviceId: scout.deviceId }), observations })
  const { status, text } = await postBatch(scout, batch)
  if (status !== 200) throw new Error(text)
}

/** Sends a recommendation in a batch, with its note where that is new. */
export async function pushRecommendation(
  scout: Caller,
  recommendation: Recommendation,
  note?: Observation,
): Promise<void> {
  const batch = syncBatch({
    device: device({ deviceId: scout.deviceId }),
    observations: note === undefined ? [] : [note],
    recommendations: [recommendation],
  })
  const { status, text } = await postBatch(scout, batch)
  if (status !== 200) throw new Error(text)
}

async function read(
  caller: Caller,
  operation: OperationName,
  input: Record<string, unknown>,
): Promise<unknown> {
  const { status, text } = await callOperation({ ...caller, operation, input })
  if (status !== 200) throw new Error(text)
  return JSON.parse(text)
}
