import { expect, it } from 'vitest'

import type { Transport } from '../core/ports.ts'
import { START } from '../testing/documents.ts'
import { testContext } from '../testing/test-context.ts'
import { BodyEncoding } from './body-encoding.ts'

const WEEK = 7 * 24 * 60 * 60_000
const to = (address: string) => ({ address }) as Transport

it.each([
  ['here, just now', 'https://sync.test', START, true],
  ['here, almost a week ago', 'https://sync.test', START - WEEK + 1, true],
  ['here, a week ago', 'https://sync.test', START - WEEK, false],
  ['here, by a clock that was set back since', 'https://sync.test', START + 1, false],
  ['at another address', 'https://other.test', START, false],
])(
  '[HDR-6] bodies that were compressed did not get through %s: %s',
  async (_, address, since, uncompressed) => {
    const { context, store } = await testContext()
    expect((await BodyEncoding.load(context, to('https://sync.test'))).uncompressed).toBe(false)
    await store({ uncompressed: { address, since } })
    expect((await BodyEncoding.load(context, to('https://sync.test'))).uncompressed).toBe(uncompressed)
  },
)

it('[HDR-6] that they do not is known at once, and stored with the address and the time', async () => {
  const { context, stored } = await testContext()
  const encoding = await BodyEncoding.load(context, to('https://sync.test'))
  await encoding.remember()
  expect(encoding.uncompressed).toBe(true)
  expect(stored('uncompressed')).toEqual({ address: 'https://sync.test', since: START })
})
