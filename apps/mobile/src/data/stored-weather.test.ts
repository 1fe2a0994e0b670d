import { NO_WEATHER } from '@fieldsync/agronomy'
import { WeatherFeatures } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import {
  isWeatherDue,
  type StoredWeather,
  readWeather,
  usableWeather,
  withWeather,
} from './stored-weather.ts'

const HOUR = 3_600_000
const HERE = { lat: 38.5449, lon: -121.7405 }
const ELSEWHERE = { lat: 38.8, lon: -121.7405 }

const weather = (name: string, fetchedAt: number, cell = '385,-1217'): StoredWeather => ({
  features: {
    ...NO_WEATHER,
    sourceMode: 'live',
    weatherFeaturesId: WeatherFeatures.shape.weatherFeaturesId.parse(`wxf_20260614_${name}`),
  },
  cell,
  fetchedAt,
})

describe('[APP-102] weather that is kept on the device', () => {
  it('is used for 12 hours, in the square it was asked for, the newest first', () => {
    const all = [weather('old', 0), weather('new', HOUR)]
    expect(usableWeather(all, HERE, 13 * HOUR)?.fetchedAt).toBe(HOUR)
    expect(usableWeather(all, HERE, 13 * HOUR + 1)).toBe(null)
    expect(usableWeather(all, ELSEWHERE, HOUR)).toBe(null)
    expect(usableWeather(all, null, HOUR)).toBe(null)
    // A device's clock that is behind.
    expect(usableWeather(all, HERE, -HOUR)?.fetchedAt).toBe(HOUR)
  })

  it('is fetched again once it is older than an hour', () => {
    expect(isWeatherDue([weather('a', 0)], HERE, HOUR)).toBe(false)
    expect(isWeatherDue([weather('a', 0)], HERE, HOUR + 1)).toBe(true)
    expect(isWeatherDue([], HERE, 0)).toBe(true)
  })

  it('takes no more room than it needs', () => {
    let all: StoredWeather[] = []
    for (let hour = 0; hour < 100; hour++) all = withWeather(all, weather(`h${hour}`, hour * HOUR))
    expect(all).toHaveLength(24)
    expect(all[0]?.fetchedAt).toBe(99 * HOUR)
    expect(withWeather(all, weather('h99', 99 * HOUR))).toHaveLength(24)
    expect(readWeather(JSON.stringify(all))).toEqual(all)
  })

  it.each([null, '', 'nonsense', '{}', '[{"cell":1}]', '[null]'])('reads %j as none', (text) => {
    expect(readWeather(text)).toEqual([])
  })
})
