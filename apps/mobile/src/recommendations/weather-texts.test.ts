import { NO_WEATHER } from '@fieldsync/agronomy'
import { WeatherFeatures } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { textsIn } from '../messages/messages.ts'
import { weatherTexts } from './weather-texts.ts'

const { t } = textsIn('en', 'metric')
const HOUR = 3_600_000
const ID = WeatherFeatures.shape.weatherFeaturesId.parse('wxf_20260614_live_01')
const GENERATED = '2026-06-14T18:00:00Z'
const AT = Date.parse(GENERATED)
const RECORD = { weatherFeaturesId: ID, generatedAt: GENERATED, status: 'pending_confirmation' } as const

const weather = (fetchedAt: number, sourceMode: 'live' | 'demo' = 'live') => ({
  features: { ...NO_WEATHER, weatherFeaturesId: ID, sourceMode },
  fetchedAt,
})

describe('[APP-102] the weather of a recommendation', () => {
  it('has its age, when it was computed and now', () => {
    expect(weatherTexts(t, RECORD, weather(AT - 3 * HOUR), AT + HOUR)).toEqual([
      'Live weather, 3 hours old when this was computed',
      'It is 4 hours old now.',
    ])
    expect(weatherTexts(t, RECORD, weather(AT - 60_000), AT + HOUR)[0]).toBe(
      'Live weather, just fetched when this was computed',
    )
    // What is decided is not decided again by its age.
    expect(weatherTexts(t, { ...RECORD, status: 'confirmed' }, weather(AT - 3 * HOUR), AT)).toHaveLength(1)
  })

  it('says that there was none, that it is made up, or which it was', () => {
    const none = { ...RECORD, weatherFeaturesId: NO_WEATHER.weatherFeaturesId }
    expect(weatherTexts(t, none, null, AT)).toEqual([
      'No weather was available: it was computed from the note and the playbook alone.',
    ])
    expect(weatherTexts(t, RECORD, weather(AT, 'demo'), AT)).toEqual([
      'Demo weather profile, not a measurement',
    ])
    expect(weatherTexts(t, RECORD, null, AT)[0]).toContain(ID)
  })
})
