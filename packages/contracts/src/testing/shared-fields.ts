import { type FieldValues, number, oneOf, patterned, text } from './field-values.ts'

// Fields that several shapes share, as the protocol states them.

export const ID = text(1, 128)
export const SHORT = text(0, 512)
export const REQUIRED = text(1, 512)
export const NOTE = text(1, 20_000)
export const SHARE = number(0, 1)
export const SEVERITY = oneOf('low', 'moderate', 'high')
export const ISSUE = oneOf('powdery_mildew', 'heat_stress', 'other')
export const LOCATION = { '/location/lat': number(-90, 90), '/location/lon': number(-180, 180) }
export const WEATHER_ID = patterned(
  ['wxf_20260211_a', 'wxf_20260211_demo_01', 'wxf_20260211_'.padEnd(128, 'a')],
  ['wxf_20260211_', 'wxf_2026021_a', 'wxf_20260211_A', 'wxf_a', 'wxf_20260211_'.padEnd(129, 'a')],
)
export const CHECKSUM = patterned(
  [`sha256:${'a'.repeat(8)}`, `sha256:${'F'.repeat(64)}`, 'sha256:0123456789abcdefABCDEF'],
  [`sha256:${'a'.repeat(7)}`, `sha256:${'a'.repeat(65)}`, 'sha256:0123456g', 'SHA256:01234567', '01234567'],
)
export const POINTER = {
  accepted: [
    '',
    '/',
    '/a',
    '/a/0/~0~1',
    `/${'a'.repeat(511)}`,
    '/rules/rule_pm_moderate/constraints/maxWindKph',
  ],
  refused: [null, 7, 'a', 'a/b', '/~', '/~2', '/a~', `/${'a'.repeat(512)}`, '/a\0', '/\ud800', '#/a'],
} satisfies FieldValues
