import {
  derivedRecommendationId,
  differences,
  NO_WEATHER,
  recommend,
  type RefusalReason,
} from '@fieldsync/agronomy'
import type {
  Observation,
  Playbook,
  Recommendation,
  RecommendationStatus,
  WeatherFeatures,
} from '@fieldsync/contracts'
import { observed, placeKind } from '@fieldsync/domain'
import type { Command } from 'commander'

import { type Cli, COMMAND, type Outcome } from '../../cli.ts'
import { ClientError } from '../../client-error.ts'
import { table } from '../../table.ts'
import { asOption, typed } from './device-folder.ts'
import { type ClientDevice, onDevice } from './open-device.ts'
import { meantObservation, meantRecommendation, savedOutcome } from './saved-observation.ts'
import { shortId } from './short-id.ts'
import { shownRecommendation, windowText } from './shown-recommendation.ts'

type RecommendOptions = { as: string; timeZone?: string; live?: boolean }

const PAGE = 500

/** `client recommend|recommendations|reject`: none of them needs a network; `client confirm` accepts one. */
export function addRecommendCommands(group: Command, cli: Cli): void {
  group
    .command('recommend')
    .description('compute what to do about an observation, and when, by the playbook on this device')
    .argument('<id>', 'id of the observation, or its end')
    .addOption(asOption())
    .option('--time-zone <name>', 'IANA name (default: the workspace’s when the device was enrolled)')
    .option(
      '--live',
      'with the weather that the server has for the place of the observation (needs a key and a network)',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nNothing is applied by it: confirm or reject it.\n\nExample:\n  ${COMMAND} client recommend 2M6RYB`,
    )
    .action((id: string, { as, timeZone, live = false }: RecommendOptions) =>
      onDevice(cli, as, async (device) => {
        const observation = await meantObservation(device, id)
        const weather = live ? await liveWeather(device, observation) : NO_WEATHER
        return computed(device, observation, weather, timeZone)
      }),
    )
  group
    .command('recommendations')
    .description('the recommendations on this device, newest first')
    .addOption(asOption())
    .option('--limit <number>', 'how many', '20')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client recommendations --limit 5`)
    .action(({ as, limit }: { as: string; limit: string }) =>
      onDevice(cli, as, (device) => listed(device, Math.max(1, Math.trunc(Number(limit)) || 1))),
    )
  group
    .command('reject')
    .description('record that a recommendation is not followed')
    .argument('<id>', 'id of the recommendation, or its end')
    .addOption(asOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} client reject 2M6RYB`)
    .action((id: string, { as }: { as: string }) =>
      onDevice(cli, as, async (device) => decided(device, await meantRecommendation(device, id), 'rejected')),
    )
}

/** Records what a person decides about a recommendation. @throws ClientError for one that is replaced, or decided already */
export async function decided(
  device: ClientDevice,
  pending: Recommendation,
  status: Exclude<RecommendationStatus, 'pending_confirmation'>,
): Promise<Outcome> {
  const { recommendationId: id } = pending
  if (pending.status !== 'pending_confirmation')
    throw new ClientError('REFUSED', `${shortId(id)} is ${pending.status} already.`)
  const successor = (await recommendationsOf(device)).find(({ supersedes }) => supersedes === id)
  if (successor !== undefined) {
    const newer = shortId(successor.recommendationId)
    throw new ClientError('REFUSED', `${shortId(id)} was replaced by ${newer}: decide about that one.`)
  }
  const saved = await device.client.saveRecommendation({ ...pending, status }, { basedOn: pending })
  return savedOutcome(device, saved, status === 'confirmed' ? 'Confirmed' : 'Rejected')
}

const REFUSED: Readonly<Record<RefusalReason, string>> = {
  no_rule: 'No playbook on this device has a rule for this observation.',
  window_reversed: 'The rule’s time window ends before it starts: have the playbook corrected.',
}

/** @throws ClientError for a note without a place; FieldsyncError for a device without a key; NetworkError without an answer */
async function liveWeather({ client }: ClientDevice, observation: Observation): Promise<WeatherFeatures> {
  const place = placeKind(observation) === 'none' ? undefined : observed(observation, '/location')
  if (place === undefined)
    throw new ClientError('VALIDATION_ERROR', 'The place of the observation is not known: omit --live.')
  return (await client.liveWeather({ lat: place.lat, lon: place.lon })).features
}

/** Computes and stores the recommendation for a note: one computation is one record, however often it is repeated (AGR-17). */
async function computed(
  device: ClientDevice,
  observation: Observation,
  weather: WeatherFeatures,
  timeZone?: string,
): Promise<Outcome> {
  const { as, client, profile } = device
  const zone = knownZone(timeZone ?? profile.timeZone)
  const recommendation = recommendationFor(observation, await playbooksOf(device), weather, zone)
  const { recommendationId: id } = recommendation
  const known = (await client.record('recommendation', id))?.document
  if (known !== undefined && !isToBeReplaced(known, recommendation)) {
    return { text: `It is on this device already.\n${shownRecommendation(known)}`, json: known }
  }
  const edit = known === undefined ? {} : { basedOn: known }
  const saved = savedOutcome(device, await client.saveRecommendation(recommendation, edit), 'Recommended')
  const next = `Decide:  ${typed(as, `confirm ${shortId(id)}`)}  or  ${typed(as, `reject ${shortId(id)}`)}`
  return {
    text: [saved.text, shownRecommendation(recommendation), next].join('\n'),
    json: { ...Object(saved.json), recommendation },
  }
}

// The note was changed since, and nobody has decided.
const isToBeReplaced = (known: Recommendation, computedNow: Recommendation): boolean =>
  known.status === 'pending_confirmation' && differences(known, computedNow).length > 0

/** The recommendation by the first playbook that has a rule. @throws ClientError for none */
function recommendationFor(
  observation: Observation,
  playbooks: readonly Playbook[],
  weather: WeatherFeatures,
  timeZone: string,
): Recommendation {
  let refusal: RefusalReason = 'no_rule'
  for (const playbook of playbooks) {
    const recommendationId = derivedRecommendationId({
      observationId: observation.observationId,
      playbookId: playbook.playbookId,
      playbookVersion: playbook.version,
      weatherFeaturesId: weather.weatherFeaturesId,
    })
    const generatedAt = new Date().toISOString()
    const result = recommend({ observation, playbook, weather, timeZone, recommendationId, generatedAt })
    if (result.ok) return result.recommendation
    if (result.refusal !== 'no_rule') refusal = result.refusal
  }
  throw new ClientError('REFUSED', REFUSED[refusal])
}

/** @throws ClientError for a name that this machine does not know */
function knownZone(timeZone = machineZone()): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone }).format(0)
    return timeZone
  } catch (cause) {
    throw new ClientError('VALIDATION_ERROR', `There is no time zone "${timeZone}".`, { cause })
  }
}

const machineZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

// What the server has: a change that is not sent yet may be refused.
const playbooksOf = async ({ client }: ClientDevice): Promise<Playbook[]> =>
  (await client.records('playbook')).flatMap(({ server }) => server ?? [])

async function listed(device: ClientDevice, most: number): Promise<Outcome> {
  const found = await device.client.records('recommendation', { reverse: true, limit: most })
  const replaced = new Set((await recommendationsOf(device)).map(({ supersedes }) => supersedes))
  const rows = found.map(({ id, status, document }) => [
    shortId(id),
    status,
    replaced.has(document.recommendationId) ? 'replaced' : document.status,
    shortId(document.observationId),
    windowText(document),
    document.action,
  ])
  const none = 'There are no recommendations on this device yet.'
  return {
    text: rows.length === 0 ? none : table(['id', 'sync', 'status', 'note', 'window', 'action'], rows),
    json: found,
  }
}

async function recommendationsOf({ client }: ClientDevice): Promise<Recommendation[]> {
  const all: Recommendation[] = []
  for (let after: string | undefined; ; after = all.at(-1)?.recommendationId) {
    const page = await client.records('recommendation', {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    })
    all.push(...page.map(({ document }) => document))
    if (page.length < PAGE) return all
  }
}
