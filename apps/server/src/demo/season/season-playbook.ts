import { readFileSync } from 'node:fs'

import { Playbook, type PlaybookPatch, WeatherFeatures } from '@fieldsync/contracts'
import { applyPatch } from '@fieldsync/domain'
import type { z } from 'zod'

const STARTER = new URL('../../../../../prisma/starter/', import.meta.url)
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, STARTER), 'utf8'))

/** What the demo workspace begins with, as every workspace does. */
export const starterPlaybook = (): Playbook => Playbook.parse(read('starter-playbook.json'))
export const DEMO_WEATHER = WeatherFeatures.parse(read('demo-weather.json'))

/** The playbook after a patch that the server accepts. @throws Error for one that does not fit it */
export function patched(
  playbook: Playbook,
  { operations, requestedAt }: z.input<typeof PlaybookPatch>,
): Playbook {
  const result = applyPatch(playbook, operations)
  if (!result.ok) throw new Error(`the season has a patch that does not fit: ${result.reason}`)
  return { ...Playbook.parse(result.document), version: playbook.version + 1, updatedAt: requestedAt }
}
