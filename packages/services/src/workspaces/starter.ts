import { readFile } from 'node:fs/promises'

import { Playbook, WeatherFeatures } from '@fieldsync/contracts'
import { canonicalText } from '@fieldsync/domain'

const STARTER = new URL('../../../../prisma/starter/', import.meta.url)

const read = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(name, STARTER), 'utf8'))

/** What every new workspace begins with: the playbook that old apps carry, and weather to try things with. */
export async function readStarter(): Promise<{
  playbook: Playbook
  playbookText: string
  weather: WeatherFeatures
  weatherText: string
}> {
  const playbook = Playbook.parse(await read('starter-playbook.json'))
  const weather = WeatherFeatures.parse(await read('demo-weather.json'))
  return { playbook, playbookText: canonicalText(playbook), weather, weatherText: canonicalText(weather) }
}
