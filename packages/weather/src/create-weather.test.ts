import type { WeatherReading } from '@fieldsync/services'
import { beforeEach, expect, it } from 'vitest'

import { type CallOutcome, createWeather } from './create-weather.ts'
import { NoWeatherThere, type Provider } from './provider.ts'

const PLACE = { lat: 38.5, lon: -121.7 }
const time = { now: 0 }
const outcomes: CallOutcome[] = []
/** What each service does; an error is thrown. */
const does: Record<string, Error | undefined> = {}

const reading = (provider: string): WeatherReading => ({
  provider,
  profileTime: new Date(time.now).toISOString(),
  layers: [],
  temperatures: [],
})
const provider = (id: string): Provider => ({
  id,
  read: () => (does[id] ? Promise.reject(does[id]) : Promise.resolve(reading(id))),
})

const weather = () =>
  createWeather({
    providers: [provider('first'), provider('second')],
    call: () => Promise.reject(new Error('not in this test')),
    limitMs: 100,
    clock: { now: () => new Date(time.now) },
    onOutcome: (outcome) => outcomes.push(outcome),
  })

beforeEach(() => {
  time.now = Date.parse('2026-07-11T21:40:00Z')
  outcomes.length = 0
  does['first'] = undefined
  does['second'] = undefined
})

/** Which services were called, and which of them answered. */
async function asked(port: ReturnType<typeof weather>): Promise<string> {
  const before = outcomes.length
  const read = await port.read(PLACE, new Date(time.now))
  const called = outcomes.slice(before).map(({ provider: id, outcome }) => `${id} ${outcome}`)
  expect(read?.provider).toBe(called.find((each) => each.endsWith('answered'))?.split(' ')[0])
  return called.join(', ')
}

it('[WTH-6] the first service that answers counts; where none does there is no weather', async () => {
  const port = weather()
  expect(await asked(port)).toBe('first answered')
  does['first'] = new Error('down')
  expect(await asked(port)).toBe('first failed, second answered')
  does['second'] = new Error('down too')
  expect(await asked(port)).toBe('first failed, second failed')
  expect(outcomes.at(-1)).toMatchObject({ reason: 'down too' })
})

it('[WTH-7] a service that fails three times in a row is left alone, and then tried by one call', async () => {
  const port = weather()
  does['first'] = new Error('down')
  for (let i = 0; i < 3; i++) expect(await asked(port)).toBe('first failed, second answered')
  expect(await asked(port)).toBe('first skipped, second answered')
  time.now += 29_999
  expect(await asked(port)).toBe('first skipped, second answered')
  time.now += 1
  // One call tries it; another at the same moment does not.
  const [one, other] = await Promise.all([port.read(PLACE, new Date()), port.read(PLACE, new Date())])
  expect([one?.provider, other?.provider]).toEqual(['second', 'second'])
  expect(outcomes.slice(-4).filter(({ outcome }) => outcome === 'failed')).toHaveLength(1)
  time.now += 59_999
  expect(await asked(port)).toBe('first skipped, second answered')
  time.now += 1
  does['first'] = undefined
  expect(await asked(port)).toBe('first answered')
  does['first'] = new Error('down again')
  expect(await asked(port)).toBe('first failed, second answered')
})

it('[WTH-7] the pause grows to a quarter of an hour, and a clock that was set back does not lengthen it', async () => {
  const port = weather()
  does['first'] = new Error('down')
  for (let i = 0; i < 3; i++) await asked(port)
  for (let i = 0; i < 8; i++) {
    time.now += 15 * 60_000
    expect(await asked(port)).toBe('first failed, second answered')
  }
  time.now += 15 * 60_000 - 1
  expect(await asked(port)).toBe('first skipped, second answered')
  time.now -= 86_400_000
  expect(await asked(port)).toBe('first failed, second answered')
})

it('[WTH-7] a place without weather is no fault of the service', async () => {
  const port = weather()
  does['first'] = new NoWeatherThere('none of 0 stations')
  for (let i = 0; i < 5; i++) expect(await asked(port)).toBe('first failed, second answered')
})
