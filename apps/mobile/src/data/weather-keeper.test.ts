import { NO_WEATHER } from '@fieldsync/agronomy'
import { type LiveWeather as Answer, WeatherFeatures } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { WeatherKeeper } from './weather-keeper.ts'

type LiveWeather = Omit<Answer, 'provider'>

const HOUR = 3_600_000
const HERE = { lat: 38.5449, lon: -121.7405 }
/** As a note has it; the server takes nothing but the coordinates. */
const MEASURED = { ...HERE, source: 'gps', accuracyM: 8 } as const

function keeper() {
  const texts = new Map<string, string>()
  const asked: unknown[] = []
  const state = {
    now: 0,
    isBroken: false,
    answer: (): Promise<LiveWeather> => Promise.reject(new Error('there is no network')),
  }
  const weather = new WeatherKeeper({
    texts: {
      read: (name) =>
        state.isBroken
          ? Promise.reject(new Error('the disk is gone'))
          : Promise.resolve(texts.get(name) ?? null),
      write: async (name, text) => void texts.set(name, text),
    },
    key: () => 'unsaved-weather-dev_1',
    fetch: (place) => {
      asked.push(place)
      return state.answer()
    },
    now: () => state.now,
  })
  return { weather, close: weather.open(), state, asked, texts }
}

const answerOf = (name: string, source: LiveWeather['source'], at: number) => (): Promise<LiveWeather> =>
  Promise.resolve({
    features: {
      ...NO_WEATHER,
      weatherFeaturesId: WeatherFeatures.shape.weatherFeaturesId.parse(`wxf_20260614_${name}`),
    },
    source,
    fetchedAt: new Date(at).toISOString(),
  })

describe('[APP-102] the weather of a store', () => {
  it('is fetched once an hour at most, and used for twelve', async () => {
    const { weather, state, asked } = keeper()
    state.answer = answerOf('first', 'live', 0)
    expect(await weather.refresh(MEASURED)).toBe(true)
    expect(await weather.refresh(HERE)).toBe(false)
    state.now = HOUR
    expect(await weather.refresh(HERE)).toBe(false)
    expect(asked).toEqual([HERE])
    state.now = HOUR + 6 * 60_000
    state.answer = answerOf('second', 'cache', HOUR)
    expect(await weather.refresh(HERE)).toBe(true)
    expect((await weather.find(HERE))?.features.weatherFeaturesId).toBe('wxf_20260614_second')
    state.now = 13 * HOUR + 1
    expect(await weather.find(HERE)).toBe(null)
    expect((await weather.byId('wxf_20260614_first'))?.fetchedAt).toBe(0)
  })

  it('is asked for again five minutes after nobody has answered, and never fails', async () => {
    const { weather, state, asked } = keeper()
    expect(await weather.refresh(HERE)).toBe(false)
    state.answer = answerOf('first', 'demo', 0)
    state.now = 5 * 60_000 - 1
    expect(await weather.refresh(HERE)).toBe(false)
    expect(asked).toHaveLength(1)
    state.now = 5 * 60_000
    expect(await weather.refresh(HERE)).toBe(true)
    state.isBroken = true
    expect(await weather.find(HERE)).toBe(null)
    expect(await weather.byId('wxf_20260614_first')).toBe(null)
  })

  it('keeps nothing where the server has none, and writes nothing once it is closed', async () => {
    const { weather, state, texts, close } = keeper()
    state.answer = answerOf('none', 'none', 0)
    expect(await weather.refresh(HERE)).toBe(false)
    state.now = HOUR
    state.answer = async () => {
      close()
      return answerOf('late', 'live', HOUR)()
    }
    expect(await weather.refresh(HERE)).toBe(false)
    expect([...texts]).toEqual([])
  })
})
