import path from 'node:path'

import { WeatherFeatures, WeatherFeaturesId } from '@fieldsync/contracts'
import { arbitraryOf } from '@fieldsync/contracts/testing'
import {
  bundlePage,
  type PageServer,
  servePage,
  startBrowser,
  type Tab,
  type TestBrowser,
} from '@fieldsync/testkit/browser'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { recommend } from './recommend.ts'
import { knownAnswers } from './testing/known-answers.ts'
import { situation } from './testing/situations.ts'
import { deriveFeatures, type FeaturesInput } from './weather/derive-features.ts'

describe('[AGR-1] the engine in Chromium, whose person reads Spanish and lives in Kathmandu', () => {
  let server: PageServer
  let browser: TestBrowser
  let tab: Tab
  beforeAll(async () => {
    server = await servePage(await bundlePage(path.join(import.meta.dirname, 'testing/engine-page.ts')))
    browser = await startBrowser({ timeZone: 'Asia/Kathmandu', language: 'es-AR' })
    tab = await browser.open(server.origin)
  })
  afterAll(async () => {
    await browser[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  it('gives the bytes of Node for the table of known answers and for 300 other situations', async () => {
    const inputs = [
      ...knownAnswers().map(({ input }) => input),
      ...fc.sample(situation, { numRuns: 300, seed: 14 }),
    ]
    const given = await tab.evaluate((all) => enginePage.recommend(all), inputs)
    expect(given).toEqual(inputs.map((input) => JSON.stringify(recommend(input))))
  })

  it('[AGR-19, AGR-20, AGR-21] derives the same features', async () => {
    const { layers, location } = WeatherFeatures.shape
    const inputs = fc.sample(
      fc
        .record({ layers: arbitraryOf(layers), location: arbitraryOf(location), surfaceTemperatures: days })
        .map((values): FeaturesInput => ({
          weatherFeaturesId: WeatherFeaturesId.parse('wxf_20260611_live_1'),
          profileTime: '2026-06-11T18:00:00Z',
          ...values,
        })),
      { numRuns: 25, seed: 14 },
    )
    const given = await tab.evaluate((all) => enginePage.features(all), inputs)
    expect(given).toEqual(inputs.map((input) => JSON.stringify(deriveFeatures(input))))
  })
})

/** Each hour of eleven days, warm in some of them. */
const days = fc
  .array(fc.double({ min: 10, max: 38, noNaN: true }), { minLength: 264, maxLength: 264 })
  .map((celsius) =>
    celsius.map((temperatureC, hour) => ({
      at: new Date(Date.parse('2026-06-11T18:00:00Z') - hour * 3_600_000).toISOString(),
      temperatureC,
    })),
  )
