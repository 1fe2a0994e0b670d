import { expect, it } from 'vitest'

import { DEFAULT_SETTINGS } from './engine-options.ts'

it('[ENG-5, ENG-14] an engine without settings takes the numbers that the protocol names', () => {
  const SECOND = 1_000
  expect(DEFAULT_SETTINGS).toEqual({
    batchRecords: 500,
    batchBytes: 4_194_304,
    storedBatches: 2,
    pageRecords: 500,
    interval: 300 * SECOND,
    attempts: 3,
    firstBackoff: SECOND,
    longestBackoff: 30 * SECOND,
    firstDeferral: 15 * SECOND,
    resendLostFor: 2_592_000 * SECOND,
  })
})
