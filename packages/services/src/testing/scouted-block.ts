import { readDriver } from '@fieldsync/agronomy'
import { GenerateRecommendationInput, type Recommendation } from '@fieldsync/contracts'
import {
  observation,
  type ObservationInput,
  playbookPatch,
  type PlaybookPatchInput,
  recommendation,
  type RecommendationInput,
} from '@fieldsync/testkit'

import { generateRecommendation } from '../recommendations/generate.ts'
import { STARTER } from './publishing.ts'
import { type Answered, type TestDevice, type TestServices, type TestWorkspace } from './test-workspace.ts'

/** Half an hour before the test's clock begins. */
const OBSERVED_AT = '2026-02-12T07:30:00.000Z'

/** A moderate powdery mildew, seen so that a recommendation for it is open. */
export function mildew(overrides: Partial<ObservationInput> = {}): ObservationInput {
  const { extraction } = observation({ createdAt: OBSERVED_AT })
  return observation({
    createdAt: OBSERVED_AT,
    status: 'confirmed',
    extraction: {
      ...extraction,
      issue: 'powdery_mildew',
      severity: 'moderate',
      observationTime: OBSERVED_AT,
    },
    normalization: { temperatureC: 18, leafWetness: 'dry', windEstimateKph: 8 },
    ...overrides,
  })
}

/** A pending recommendation by version 3 of the starter, which a device has made for an observation. */
export const advised = (
  { observationId }: Pick<ObservationInput, 'observationId'>,
  overrides: Partial<RecommendationInput> = {},
): RecommendationInput => {
  const made = recommendation({ observationId, severity: 'moderate', generatedAt: OBSERVED_AT })
  const timingWindow = {
    ...made.timingWindow,
    startAt: '2026-02-12T09:30:00Z',
    endAt: '2026-02-12T12:00:00Z',
  }
  return { ...made, timingWindow, ...overrides }
}

export const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'

/** A change of the limit that a recommendation for mildew names in its drivers. */
export const windTo = (
  value: number,
  { baseVersion, requestedByDeviceId = 'dev_agro_1' }: { baseVersion: number; requestedByDeviceId?: string },
): PlaybookPatchInput =>
  playbookPatch({
    requestedByDeviceId,
    baseVersion,
    reason: 'New sprayer',
    operations: [{ op: 'replace', path: WIND, value }],
  })

/** A workspace with a scout, who has noted mildew, and an agronomist. */
export async function scoutedBlock(services: TestServices): Promise<{
  workspace: TestWorkspace
  scout: TestDevice
  agro: TestDevice
  seen: ObservationInput
}> {
  const workspace = await services.workspace()
  const scout = await workspace.device('dev_scout_1')
  const agro = await workspace.device('dev_agro_1', 'agronomist')
  const seen = mildew()
  await scout.push({ observations: [seen] })
  return { workspace, scout, agro, seen }
}

/** `generateRecommendation` as a device. */
export async function generate(
  device: TestDevice,
  input: Record<string, unknown>,
  key?: string,
): Promise<Answered<Recommendation>> {
  const { document, replayed } = await generateRecommendation({
    ctx: device.ctx(key),
    input: GenerateRecommendationInput.parse({ playbookId: STARTER, ...input }),
  })
  return { answer: document.toJSON(), text: document.text, replayed }
}

/** What a device has after following its pages, by id. */
export async function recommendationsOf(
  device: TestDevice,
  cursor = '',
): Promise<ReadonlyMap<string, Recommendation>> {
  const pages = await device.pullAll(cursor)
  const all = pages.flatMap(({ downstream }) => downstream.recommendations)
  return new Map(all.map((each) => [each.recommendationId, each]))
}

export const DEMO_WEATHER = 'wxf_20260211_demo_01'

/** {@link scoutedBlock} with one pending recommendation, by version 3 and the demo weather. */
export async function blockWithAdvice(
  services: TestServices,
): Promise<Awaited<ReturnType<typeof scoutedBlock>> & { pending: Recommendation }> {
  const made = await scoutedBlock(services)
  const { observationId } = made.seen
  const { answer } = await generate(made.scout, { observationId, weatherFeaturesId: DEMO_WEATHER })
  return { ...made, pending: answer }
}

/** Those that take the place of a recommendation. */
export const successorIn = (all: ReadonlyMap<string, Recommendation>, id: string): Recommendation[] =>
  [...all.values()].filter(({ supersedes }) => supersedes === id)

/** Value of a driver; undefined where it has none of that name. */
export const driverOf = (one: Recommendation | undefined, name: string): string | undefined =>
  one?.timingWindow.drivers.map(readDriver).find((each) => each.name === name)?.value
