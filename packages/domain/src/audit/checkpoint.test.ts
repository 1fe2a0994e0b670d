import { expect, it } from 'vitest'

import { checkpointOrigin, checkpointText, readCheckpoint } from './checkpoint.ts'

const HASH = 'ab'.repeat(32)
const origin = checkpointOrigin('ws_ridge', 'wsu_1')

it('[AUD-12] a checkpoint names its chain, the number and the hash of the last row, each on its line', () => {
  const text = checkpointText({ origin, seq: 42, hash: HASH })
  expect(text).toBe(`fieldsync/audit/ws_ridge/wsu_1\n42\n${HASH}\n`)
  expect(readCheckpoint(text)).toEqual({ origin, seq: 42, hash: HASH })
  for (const seq of [0, 7, 42, 999_999_999_999_999])
    expect(readCheckpoint(checkpointText({ origin, seq, hash: HASH }))).toEqual({ origin, seq, hash: HASH })
})

it.each([
  '',
  `${origin}\n42\n${HASH}`,
  `${origin}\n42\n${HASH}\nmore\n`,
  `other/audit/ws_ridge/wsu_1\n42\n${HASH}\n`,
  `x${origin}\n42\n${HASH}\n`,
  `${origin}\n042\n${HASH}\n`,
  `${origin}\n-1\n${HASH}\n`,
  `${origin}\n1234567890123456\n${HASH}\n`,
  `${origin}\n42\n${HASH.toUpperCase()}\n`,
  `${origin}\n42\n${HASH}0\n`,
])('[AUD-12] %j is no checkpoint', (text) => {
  expect(readCheckpoint(text)).toBeUndefined()
})
