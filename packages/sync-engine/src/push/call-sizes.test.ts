import { describe, expect, it } from 'vitest'

import type { KnownLimits, Trial } from '../core/engine-meta.ts'
import type { Call } from '../core/in-flight-batch.ts'
import { testContext } from '../testing/test-context.ts'
import {
  callSizes,
  type CallSizes,
  growCalls,
  halveRecords,
  shrinkBatches,
  shrinkCalls,
  shrinkPage,
  utf8Length,
} from './call-sizes.ts'

const settings = { batchRecords: 100, batchBytes: 1_000_000, pageRecords: 50 }
const ANY = Number.MAX_SAFE_INTEGER

/** A call of so many records, whose body has so many bytes. */
async function sized(records: number, bytes = 10) {
  const world = await testContext({ settings })
  const call: Call = {
    syncId: world.context.ids.sync(),
    entries: Array.from({ length: records }, (_, i) => ({ key: `${i}`, type: 'observation', id: `${i}` })),
    body: 'x'.repeat(bytes),
    cursor: '',
    reported: { resolved: 0, drift: false },
  }
  return { ...world, call }
}

describe('the sizes of the next call', () => {
  it.each<[string, KnownLimits | undefined, Trial | undefined, CallSizes]>([
    ['what the program wants', undefined, undefined, { records: 100, bytes: 1_000_000, page: 50 }],
    [
      'no more than the server has said, less what goes around the records',
      { records: 40, bytes: 200_000 },
      undefined,
      { records: 40, bytes: 200_000 - 65_536, page: 50 },
    ],
    [
      'of a server that takes hardly anything: one byte',
      { records: 40, bytes: 10 },
      undefined,
      { records: 40, bytes: 1, page: 50 },
    ],
    [
      'what is being tried',
      undefined,
      { records: 7, bytes: 500, page: 3 },
      { records: 7, bytes: 500, page: 3 },
    ],
    [
      'of a trial of an earlier version',
      undefined,
      { records: 7 },
      { records: 7, bytes: 1_000_000, page: 50 },
    ],
    ['never nothing', undefined, { records: 0, bytes: 0, page: 0 }, { records: 1, bytes: 1, page: 1 }],
  ])('[ENG-5, ENG-14, ENG-49] are %s', async (_, limits, trial, sizes) => {
    const { context, store } = await sized(0)
    await store({ limits, trial })
    expect(await context.store.read((transaction) => callSizes(context, transaction))).toEqual(sizes)
  })

  it.each([
    '',
    'grape',
    '\u007F',
    '\u0080',
    'ü',
    '\u07FF',
    '\u0800',
    '葡萄',
    '\uE000',
    '\uD7FF',
    '\u{10000}',
    '\u{10FFFF}',
    '\uFFFF',
    '🍇',
    'a🍇ü葡',
  ])('[ENG-5] count the bytes of %j as they are sent', (text) => {
    expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
  })
})

describe('a batch that was too large', () => {
  it.each<
    [
      string,
      number,
      number,
      Record<string, unknown>,
      KnownLimits | undefined,
      { limits?: KnownLimits; trial?: Trial },
    ]
  >([
    ['in records', 8, 10, { maxRecords: 3 }, undefined, { limits: { records: 3, bytes: ANY } }],
    ['in bytes', 8, 500, { maxBytes: 300 }, undefined, { limits: { records: ANY, bytes: 300 } }],
    ['in both', 8, 500, { maxBytes: 300, maxRecords: 3 }, undefined, { limits: { records: 3, bytes: 300 } }],
    [
      'in records, where the bytes are known already',
      8,
      10,
      { maxRecords: 3 },
      { records: 5, bytes: 900 },
      { limits: { records: 3, bytes: 900 } },
    ],
    [
      'in bytes, where the records are known already',
      8,
      500,
      { maxBytes: 300 },
      { records: 50, bytes: 900 },
      { limits: { records: 50, bytes: 300 } },
    ],
    ['for a server that says nothing', 9, 10, {}, undefined, { trial: { records: 4, streak: 0 } }],
    [
      'though it kept to what the server says',
      8,
      300,
      { maxBytes: 300, maxRecords: 8 },
      undefined,
      { trial: { records: 4, streak: 0 } },
    ],
    ...[0, -1, 2.5, '3', null, Infinity].map(
      (maxRecords) =>
        [
          `for a server that says ${JSON.stringify(maxRecords)}`,
          9,
          10,
          { maxRecords },
          undefined,
          { trial: { records: 4, streak: 0 } },
        ] as [string, number, number, Record<string, unknown>, undefined, { trial: Trial }],
    ),
  ])('[ENG-14] %s', async (_, records, bytes, details, limits, after) => {
    const { change, store, stored, call } = await sized(records, bytes)
    await store({ limits })
    const refusal = { code: 'PAYLOAD_TOO_LARGE', message: '', retryable: false, details } as const
    await change((_changeset, transaction) => shrinkBatches(transaction, call, refusal))
    expect({ limits: stored('limits'), trial: stored('trial') }).toEqual({ limits: limits, ...after })
  })

  it('[ENG-14] keeps the other sizes that are being tried', async () => {
    const { change, store, stored } = await sized(0)
    await store({ trial: { records: 9, bytes: 100, page: 4, streak: 3, needed: 8 } })
    await change((_changeset, transaction) => halveRecords(transaction, 7))
    expect(stored('trial')).toEqual({ records: 3, bytes: 100, page: 4, streak: 0, needed: 8 })
  })
})

describe('a call that did not get through', () => {
  it.each<[Trial | undefined, { records: number; bytes: number; page: number }, Trial]>([
    [
      undefined,
      { records: 9, bytes: 1_001, page: 50 },
      { records: 4, bytes: 500, page: 12, streak: 0, needed: 2 },
    ],
    [
      { records: 9, needed: 2, streak: 1 },
      { records: 2, bytes: 2, page: 4 },
      { records: 1, bytes: 1, page: 1, streak: 0, needed: 4 },
    ],
    [
      { records: 1, needed: 8 },
      { records: 1, bytes: 1, page: 1 },
      { records: 1, bytes: 1, page: 1, streak: 0, needed: 16 },
    ],
    [
      { records: 1, needed: 16 },
      { records: 1, bytes: 1, page: 3 },
      { records: 1, bytes: 1, page: 1, streak: 0, needed: 16 },
    ],
  ])('[ENG-49, ENG-50] after %j, of %j: %j', async (trial, failed, after) => {
    const { change, store, stored } = await sized(0)
    await store({ trial })
    await change((_changeset, transaction) => shrinkCalls(transaction, failed))
    expect(stored('trial')).toEqual(after)
  })

  it('[ENG-49] as a pull makes answers smaller, and batches no smaller than they are', async () => {
    const { change, store, stored } = await sized(0)
    await change((_changeset, transaction) => shrinkPage(transaction, 40))
    expect(stored('trial')).toEqual({ records: ANY, page: 10, streak: 0, needed: 2 })
    await store({ trial: { records: 5, bytes: 70, page: 10, streak: 1, needed: 2 } })
    await change((_changeset, transaction) => shrinkPage(transaction, 10))
    expect(stored('trial')).toEqual({ records: 5, bytes: 70, page: 2, streak: 0, needed: 4 })
  })
})

describe('a call that got through', () => {
  const TRIED: Trial = { records: 8, bytes: 1_000, page: 4 }
  const NOTHING = { records: 0, hasMore: false }
  it.each<
    [
      string,
      Trial | undefined,
      { records: number; bytes?: number },
      { records: number; hasMore: boolean },
      Trial | undefined,
    ]
  >([
    ['where nothing is tried', undefined, { records: 8 }, NOTHING, undefined],
    ['with half of the records: too few to learn from', TRIED, { records: 4, bytes: 500 }, NOTHING, TRIED],
    [
      'with more than half of the records',
      TRIED,
      { records: 5 },
      NOTHING,
      { records: 16, bytes: 2_000, page: 8, needed: 1 },
    ],
    [
      'with more than half of the bytes',
      TRIED,
      { records: 1, bytes: 501 },
      NOTHING,
      { records: 16, bytes: 2_000, page: 8, needed: 1 },
    ],
    ['as a pull, whatever the bytes of its report', TRIED, { records: 0, bytes: 900 }, NOTHING, TRIED],
    ['with half a page', TRIED, { records: 0 }, { records: 2, hasMore: false }, TRIED],
    [
      'with more than half a page',
      TRIED,
      { records: 0 },
      { records: 3, hasMore: false },
      { records: 8, bytes: 1_000, page: 8, needed: 1 },
    ],
    [
      'with a page before others',
      TRIED,
      { records: 0 },
      { records: 0, hasMore: true },
      { records: 8, bytes: 1_000, page: 8, needed: 1 },
    ],
    [
      'for the first of four times',
      { ...TRIED, needed: 4 },
      { records: 8 },
      NOTHING,
      { ...TRIED, needed: 4, streak: 1 },
    ],
    [
      'for the last of four times',
      { ...TRIED, needed: 4, streak: 3 },
      { records: 8 },
      NOTHING,
      { records: 16, bytes: 2_000, page: 8, needed: 2 },
    ],
    [
      'for the last of three times',
      { ...TRIED, needed: 3, streak: 2 },
      { records: 8 },
      NOTHING,
      { records: 16, bytes: 2_000, page: 8, needed: 2 },
    ],
    [
      'of a size that an earlier version tried',
      { records: 8 },
      { records: 8 },
      NOTHING,
      { records: 16, bytes: 2_000_000, page: 100, needed: 1 },
    ],
    ['of all that is wanted', { records: 50, bytes: 500_000, page: 25 }, { records: 50 }, NOTHING, undefined],
    [
      'of all records that are wanted',
      { records: 50, bytes: 499_999, page: 25 },
      { records: 50 },
      NOTHING,
      { records: 100, bytes: 999_998, page: 50, needed: 1 },
    ],
    [
      'of all bytes that are wanted',
      { records: 49, bytes: 500_000, page: 25 },
      { records: 49 },
      NOTHING,
      { records: 98, bytes: 1_000_000, page: 50, needed: 1 },
    ],
    [
      'of all but the answer',
      { records: 50, bytes: 500_000, page: 24 },
      { records: 50 },
      NOTHING,
      { records: 100, bytes: 1_000_000, page: 48, needed: 1 },
    ],
    [
      'of more than is wanted meanwhile',
      { records: ANY, bytes: ANY, page: 40 },
      { records: 51 },
      NOTHING,
      undefined,
    ],
  ])('[ENG-50] %s', async (_, trial, { records, bytes = 10 }, received, after) => {
    const { context, change, store, stored, call } = await sized(records, bytes)
    await store({ trial })
    await change((_changeset, transaction) => growCalls(context, transaction, call, received))
    expect(stored('trial')).toEqual(after)
  })
})
