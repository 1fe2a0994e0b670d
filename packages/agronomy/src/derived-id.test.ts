import { createHash } from 'node:crypto'

import { RecommendationId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { derivedRecommendationId } from './derived-id.ts'

const FROM = {
  observationId: 'obs_20260211_01KH7XQ4TNE5GZ3V8W2M6RYB9C',
  playbookId: 'pbk_yolo_grape',
  playbookVersion: 3,
  weatherFeaturesId: 'wxf_20260211_demo_01',
}

describe('[AGR-17] the id of a computation', () => {
  it('is the observation’s day and the first 128 bits of SHA-256 in base 32', () => {
    const hash = createHash('sha256')
      .update(
        'fieldsync.recommendation.v1\nobs_20260211_01KH7XQ4TNE5GZ3V8W2M6RYB9C\npbk_yolo_grape\n3\nwxf_20260211_demo_01',
      )
      .digest('hex')
    const id = derivedRecommendationId(FROM)
    expect(RecommendationId.parse(id)).toBe(id)
    expect(id.slice(0, 13)).toBe('rec_20260211_')
    const digits = Array.from(id.slice(13), (digit) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(digit))
    const number = digits.reduce((sum, digit) => sum * 32n + BigInt(digit), 0n)
    expect(number.toString(16).padStart(32, '0')).toBe(hash.slice(0, 32))
  })

  it('stays what it was: devices of two builds name the same record', () => {
    expect(derivedRecommendationId(FROM)).toBe('rec_20260211_66DC4HCHCFWYNXH1WMVV0DGMW9')
  })

  it.each([
    { observationId: 'obs_20260211_01KH7XQ4TNE5GZ3V8W2M6RYB9D' },
    { playbookId: 'pbk_yolo_grape_2' },
    { playbookVersion: 4 },
    { weatherFeaturesId: 'wxf_19700101_none' },
  ])('is another one for %o', (change) => {
    expect(derivedRecommendationId({ ...FROM, ...change })).not.toBe(derivedRecommendationId(FROM))
  })

  it('takes the day of an id of the old form, too', () => {
    expect(derivedRecommendationId({ ...FROM, observationId: 'obs_20250704_0012' })).toMatch(
      /^rec_20250704_[0-7][0-9A-HJKMNP-TV-Z]{25}$/,
    )
  })
})
