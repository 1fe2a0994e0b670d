import { createHash } from 'node:crypto'

import { derivedRecommendationId, recommend } from '@fieldsync/agronomy'
import { Observation, type Playbook, type PlaybookPatch, type Recommendation } from '@fieldsync/contracts'
import { observationChecksum } from '@fieldsync/sync-engine'
import type { z } from 'zod'

import type { Member } from './crew.ts'
import { DEMO_WEATHER } from './season-playbook.ts'
import type { SeasonRandom } from './season-random.ts'
import { type Block, BLOCKS, sighting } from './vineyard.ts'

export type PatchInput = z.input<typeof PlaybookPatch>
export type RecommendationInput = z.input<typeof Recommendation>

const PLAYBOOK = 'pbk_yolo_grape'
const ZONE = 'America/Los_Angeles'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** `prefix_YYYYMMDD_ULID`, as new clients mint it. */
export const mintedId = (prefix: 'obs' | 'pch', at: Date, rng: SeasonRandom): string =>
  `${prefix}_${at.toISOString().slice(0, 10).replaceAll('-', '')}_${rng.ulid(at)}`

/** With the checksum of its content (ENG-9). */
export function complete(record: Omit<z.input<typeof Observation>, 'deterministicChecksum'>): Observation {
  const parsed = Observation.parse({ ...record, deterministicChecksum: `sha256:${'0'.repeat(64)}` })
  return { ...parsed, deterministicChecksum: observationChecksum(parsed, sha256) }
}

/** What a scout notes at one stop. @param when the day of the season, and the number of days */
export function note(
  rng: SeasonRandom,
  { deviceId }: Pick<Member, 'deviceId'>,
  at: Date,
  when: { day: number; days: number },
  observationId = mintedId('obs', at, rng),
): Observation {
  const block: Block = BLOCKS[rng.int(0, BLOCKS.length - 1)] ?? {
    name: 'Block 1',
    variety: '',
    lat: 0,
    lon: 0,
  }
  const seen = sighting(rng, block, when.day, when.days)
  const isVoice = rng.percent(35)
  const createdAt = at.toISOString()
  return complete({
    observationId,
    deviceId,
    createdAt,
    captureMode: isVoice ? 'voice' : 'typed',
    rawNoteText: seen.note,
    transcription: isVoice
      ? { text: seen.note, source: 'on_device_asr', confidence: 0.8 + rng.int(0, 19) / 100 }
      : { text: seen.note, source: 'manual_typed', confidence: 1 },
    extraction: {
      crop: 'grape',
      variety: block.variety,
      fieldBlock: block.name,
      issue: seen.issue,
      severity: seen.severity,
      symptoms: seen.symptoms,
      observationTime: createdAt,
    },
    normalization: {
      temperatureC: seen.temperatureC,
      leafWetness: seen.leafWetness,
      windEstimateKph: seen.windEstimateKph ?? 0,
    },
    ...(seen.windEstimateKph === null ? { notObserved: ['/normalization/windEstimateKph'] } : {}),
    location: seen.location,
    status: 'draft',
    schemaVersion: '1.0.0',
    updatedAt: createdAt,
  })
}

/** The same observation with another text. */
export const rewritten = (record: Observation, text: string, at: Date): Observation =>
  complete({
    ...record,
    rawNoteText: text,
    transcription: { ...record.transcription, text },
    updatedAt: at.toISOString(),
  })

export const moved = (record: Observation, status: Observation['status'], at: Date): Observation => ({
  ...record,
  status,
  updatedAt: at.toISOString(),
})

/** A correction of a confirmed observation, with its reason. */
export function correction(
  rng: SeasonRandom,
  record: Observation,
  text: string,
  reason: string,
  at: Date,
): Observation {
  const made = { correctionId: `cor_${rng.ulid(at)}`, reason, correctedAt: at.toISOString() }
  return {
    ...rewritten(record, text, at),
    correction: { ...made, supersedes: record.deterministicChecksum },
  } as Observation
}

/** What the phone computes from a note of something that the playbook has a rule for, with the demo profile. */
export function advice(observation: Observation, playbook: Playbook, at: Date): RecommendationInput {
  const { observationId } = observation
  const { playbookId, version: playbookVersion } = playbook
  const { weatherFeaturesId } = DEMO_WEATHER
  const computed = recommend({
    observation,
    playbook,
    weather: DEMO_WEATHER,
    timeZone: ZONE,
    recommendationId: derivedRecommendationId({
      observationId,
      playbookId,
      playbookVersion,
      weatherFeaturesId,
    }),
    generatedAt: at.toISOString(),
  })
  if (!computed.ok) throw new Error(`the season has a note without a recommendation: ${computed.refusal}`)
  return { ...computed.recommendation, updatedAt: at.toISOString() }
}

/** One value of the playbook, changed with a reason. */
export const patch = (
  rng: SeasonRandom,
  { deviceId }: Pick<Member, 'deviceId'>,
  baseVersion: number,
  at: Date,
  change: { path: string; value: PatchValue; reason: string },
): PatchInput => ({
  patchId: mintedId('pch', at, rng),
  playbookId: PLAYBOOK,
  baseVersion,
  requestedByDeviceId: deviceId,
  requestedAt: at.toISOString(),
  reason: change.reason,
  operations: [{ op: 'replace', path: change.path, value: change.value }],
})

type PatchValue = number | string | { [name: string]: number }
