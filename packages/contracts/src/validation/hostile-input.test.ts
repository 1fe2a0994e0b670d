import { describe, expect, it } from 'vitest'

import { Observation } from '../entities/observation.ts'
import { PlaybookPatch } from '../entities/playbook-patch.ts'
import { Playbook } from '../entities/playbook.ts'
import { OPERATIONS } from '../operations/table.ts'
import { altered, observation, playbook, playbookPatch, syncBatch } from '../testing/index.ts'
import { parseInput } from './parse-input.ts'
import { parseSyncBatch } from './parse-sync-batch.ts'

/** Above what any of these inputs takes (2,086 for a thousand bad records), far below an unbounded walk. */
const MOST_READS = 3_000

const nested = (depth: number, kind: '[' | '{"a":'): string =>
  kind.repeat(depth) + (kind === '[' ? ']' : '1}').repeat(1) + (kind === '[' ? ']' : '}').repeat(depth - 1)
const patchSetting = (json: string): unknown =>
  JSON.parse(
    JSON.stringify(playbookPatch({ operations: [{ op: 'add', path: '/a', value: '@' }] })).replace(
      '"@"',
      json,
    ),
  )
const batchWith = (at: string, json: string): unknown => {
  const batch = syncBatch({ observations: [observation()], playbookPatches: [playbookPatch()] })
  return JSON.parse(JSON.stringify(altered(batch, at, '@')).replace('"@"', json))
}

/**
 * The result of `parse` for a value that allows only this many reads: of properties, and of each key that is listed, at
 * any depth. An unbounded walk takes as many as the value has items.
 */
function boundedly<T>(value: unknown, parse: (value: unknown) => T, most = MOST_READS): T {
  let reads = 0
  const counting = new WeakMap<object, object>()
  const counted = (each: unknown): unknown => {
    if (typeof each !== 'object' || each === null) return each
    const made =
      counting.get(each) ??
      new Proxy(each, {
        get: (target, key) => {
          reads++
          return counted(Reflect.get(target, key))
        },
        ownKeys: (target) => {
          const keys = Reflect.ownKeys(target)
          reads += keys.length
          return keys
        },
      })
    counting.set(each, made)
    return made
  }
  const parsed = parse(counted(value))
  expect(reads).toBeLessThanOrEqual(most)
  return parsed
}

describe('depth', () => {
  // The value of a patch operation lies below the patch, its array of operations and the operation.
  it.each(['[', '{"a":'] as const)('[SHP-6] 64 levels of %s pass, 65 do not', (kind) => {
    expect(parseInput(PlaybookPatch, patchSetting(nested(61, kind))).ok).toBe(true)
    expect(parseInput(PlaybookPatch, patchSetting(nested(62, kind)))).toMatchObject({
      ok: false,
      issues: [{ message: 'is nested deeper than 64 levels' }],
    })
  })

  it('[SHP-6] levels are counted from the body, also for the records of a batch', () => {
    const at = '/upserts/playbookPatches/0/operations/0/value'
    expect(parseSyncBatch(batchWith(at, nested(58, '['))).ok).toBe(true)
    expect(parseSyncBatch(batchWith(at, nested(59, '[')))).toMatchObject({
      ok: false,
      issues: [{ path: expect.stringMatching(`^${at}`), message: 'is nested deeper than 64 levels' }],
    })
  })

  it.each([
    '',
    '/report',
    '/upserts',
    '/upserts/observations',
    '/upserts/observations/0',
    '/upserts/observations/0/location',
    '/x',
  ])('[SHP-6] 100,000 levels at %j are one issue and no crash', (at) => {
    for (const kind of ['[', '{"a":'] as const) {
      const deep = nested(100_000, kind)
      const parsed = boundedly(at === '' ? JSON.parse(deep) : batchWith(at, deep), parseSyncBatch)
      expect(parsed.ok).toBe(false)
      expect(JSON.stringify(parsed).length).toBeLessThan(20_000)
    }
  })
})

describe('size', () => {
  const manyItems = new Array<number>(4_000_000).fill(0)

  it.each([
    '/upserts',
    '/upserts/observations',
    '/upserts/observations/0',
    '/upserts/observations/0/extraction/symptoms',
    '/report',
    '/x',
  ])('[ERR-6] an array of 4 million items at %s costs a bounded answer', (at) => {
    const batch = altered(syncBatch({ observations: [observation()] }), at, manyItems)
    const parsed = boundedly(batch, parseSyncBatch)
    expect(parsed).toMatchObject({ ok: false })
    expect(JSON.stringify(parsed).length).toBeLessThan(200_000)
  })

  it.each(['/upserts/observations/0/extraction/symptoms', '/upserts/playbookPatches/0/operations/0/value'])(
    '[SHP-2] 201 items at %s are one issue, whatever they are',
    (at) => {
      const batch = syncBatch({ observations: [observation()], playbookPatches: [playbookPatch()] })
      const parsed = parseSyncBatch(altered(batch, at, new Array(201).fill(0)))
      expect(parsed).toEqual({
        ok: false,
        issues: [{ path: at, message: 'must have at most 200 items' }],
        more: 0,
      })
    },
  )

  it('[ERR-6] a body of 4 million items is one issue', () => {
    expect(boundedly(manyItems, parseSyncBatch)).toMatchObject({ ok: false, issues: [{ path: '' }] })
  })

  const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 0]))
  const manyKeys = keys(500_000)
  const withKeys = (at: string, extra: object): unknown => {
    const batch = syncBatch({ observations: [observation()], playbookPatches: [playbookPatch()] })
    return at === '' ? { ...batch, ...extra } : altered(batch, at, extra)
  }

  describe.each([
    '',
    '/upserts',
    '/device',
    '/upserts/observations/0',
    '/upserts/playbookPatches/0/operations/0/value',
  ])('keys at %j', (at) => {
    it('[ERR-6] cost a bounded answer where there are half a million', () => {
      const parsed = parseSyncBatch(withKeys(at, manyKeys))
      expect(parsed).toMatchObject({ ok: false })
      expect(JSON.stringify(parsed).length).toBeLessThan(20_000)
    })

    it('[ERR-6] are listed twice at most, and not read beyond a few', () => {
      const many = 20_000
      expect(boundedly(withKeys(at, keys(many)), parseSyncBatch, 2 * many + MOST_READS).ok).toBe(false)
    })
  })

  it('[SHP-2] an object may have 1,000 keys, and 1,001 are one issue', () => {
    const value = (count: number) =>
      parseInput(
        PlaybookPatch,
        playbookPatch({ operations: [{ op: 'add', path: '/a', value: keys(count) }] }),
      )
    expect(value(1000).ok).toBe(true)
    expect(value(1001)).toEqual({
      ok: false,
      issues: [{ path: '/operations/0/value', message: 'must have at most 1000 keys' }],
      more: 0,
    })
  })

  it('[ERR-6] a body with as many keys as an object may have is read record by record', () => {
    const batch = syncBatch({ observations: new Array(201).fill(observation()) })
    const parsed = parseSyncBatch({ ...keys(1000 - Object.keys(batch).length), ...batch })
    const issues = parsed.ok ? [] : parsed.issues
    expect(new Set(issues.map(({ message }) => message))).toEqual(new Set(['is not a known key']))
  })

  it('[ERR-5] a huge key is cut in the pointer, a pair of surrogates not in two', () => {
    const parsed = parseInput(Observation, { ...observation(), [`a${'🍇'.repeat(1_000_000)}`]: 1 })
    expect(parsed).toMatchObject({ ok: false, issues: [{ message: 'is not a known key' }] })
    const path = parsed.ok ? '' : (parsed.issues[0]?.path ?? '')
    expect(path.isWellFormed()).toBe(true)
    expect(path.length).toBeLessThan(150)
  })

  it('[SHP-2] text of eight million characters is refused, not echoed', () => {
    const parsed = parseInput(Observation, observation({ rawNoteText: '🍇'.repeat(4_000_000) }))
    expect(parsed).toMatchObject({ ok: false, issues: [{ path: '/rawNoteText' }] })
    expect(JSON.stringify(parsed).length).toBeLessThan(1000)
  })
})

describe('keys with a meaning in JavaScript', () => {
  const KEYS = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '__defineGetter__',
    'then',
    'toJSON',
  ]
  const withKey = (record: unknown, inside: string, key: string): unknown =>
    JSON.parse(JSON.stringify(record).replace(inside, `${inside}${JSON.stringify(key)}:{"polluted":1},`))

  it.each(KEYS)('[SHP-7] %s is an unknown key at every depth', (key) => {
    for (const [inside, at] of [
      ['{"observationId', `/${key}`],
      ['"location":{', `/location/${key}`],
    ] as const) {
      const record =
        inside === '{"observationId'
          ? JSON.parse(JSON.stringify(observation()).replace('{', `{${JSON.stringify(key)}:{"polluted":1},`))
          : withKey(observation(), inside, key)
      expect(parseInput(Observation, record)).toEqual({
        ok: false,
        issues: [{ path: at, message: 'is not a known key' }],
        more: 0,
      })
    }
    const batch = withKey(syncBatch(), '"upserts":{', key)
    expect(parseSyncBatch(batch)).toMatchObject({ ok: false, issues: [{ path: `/upserts/${key}` }] })
    const body = JSON.parse(JSON.stringify(syncBatch()).replace('{', `{${JSON.stringify(key)}:1,`))
    expect(parseSyncBatch(body)).toMatchObject({ ok: false, issues: [{ path: `/${key}` }] })
  })

  it.each(KEYS)('[SHP-7] %s is no rule of a playbook', (key) => {
    expect(parseInput(Playbook, withKey(playbook(), '"rules":{', key))).toMatchObject({
      ok: false,
      issues: [{ path: `/rules/${key}` }],
    })
  })

  it('[SHP-7] __proto__ in the value of a patch is refused, not dropped', () => {
    expect(parseInput(PlaybookPatch, patchSetting('{"b":[{"__proto__":{"polluted":1}}]}'))).toMatchObject({
      ok: false,
      issues: [{ path: '/operations/0/value/b/0/__proto__', message: 'is not a known key' }],
    })
  })

  it('[SHP-7] nothing reached the prototype of all objects', () => {
    expect('polluted' in {}).toBe(false)
  })

  it.each(['__proto__', 'constructor', 'toString'])(
    '[SHP-7] an inherited %s is not a record array',
    (key) => {
      expect(parseSyncBatch(Object.create({ [key]: 1, upserts: { observations: [] } }))).toMatchObject({
        ok: false,
      })
    },
  )
})

describe('text', () => {
  it.each([
    ['a NUL', 'a\\u0000b'],
    ['a high surrogate alone', '\\ud83c'],
    ['a low surrogate alone', '\\udf47'],
    ['a pair the wrong way round', '\\udf47\\ud83c'],
  ])('[SHP-3] %s is refused in a value and in a key', (_, escaped) => {
    const value = parseInput(
      Observation,
      JSON.parse(JSON.stringify(observation({ rawNoteText: '@' })).replace('@', escaped)),
    )
    expect(value).toMatchObject({
      ok: false,
      issues: [{ path: '/rawNoteText', message: 'must be valid Unicode without NUL' }],
    })
    const key = parseInput(PlaybookPatch, patchSetting(`{"${escaped}":1}`))
    expect(key).toMatchObject({
      ok: false,
      issues: [{ path: '/operations/0/value', message: 'has a key that is not valid Unicode without NUL' }],
    })
    expect(JSON.stringify([value, key]).isWellFormed()).toBe(true)
  })

  it('[SHP-3] a pair of surrogates is one character', () => {
    const record = JSON.parse(
      JSON.stringify(observation({ rawNoteText: '@' })).replace('@', '\\ud83c\\udf47'),
    )
    expect(parseInput(Observation, record)).toMatchObject({ ok: true, value: { rawNoteText: '🍇' } })
  })
})

describe('numbers', () => {
  const located = (lat: string): unknown =>
    JSON.parse(JSON.stringify(observation({ location: { lat: 12.5, lon: 0 } })).replace('12.5', lat))

  it.each([
    '1e400',
    '-1e400',
    '1e308',
    '91',
    '-90.0000001',
    '"12.5"',
    'null',
    '123456789012345678901234567890',
  ])('[SHP-5] a latitude of %s is refused', (lat) => {
    expect(parseInput(Observation, located(lat))).toMatchObject({
      ok: false,
      issues: [{ path: '/location/lat' }],
    })
  })

  it.each(['-0', '0.1e-400', '90', '-9E1', '5e-324', '12.500000000000000000000000000000001'])(
    '[SHP-5] a latitude of %s is a number in range',
    (lat) => {
      expect(parseInput(Observation, located(lat)).ok).toBe(true)
    },
  )

  it.each(['1e400', '-1e400'])(
    '[SHP-5] %s is refused in the value of a patch, a remove included',
    (number) => {
      expect(parseInput(PlaybookPatch, patchSetting(`[${number}]`)).ok).toBe(false)
      const remove = JSON.stringify(playbookPatch({ operations: [{ op: 'remove', path: '/a', value: 1 }] }))
      expect(parseInput(PlaybookPatch, JSON.parse(remove.replace('"value":1', `"value":${number}`))).ok).toBe(
        false,
      )
    },
  )

  it.each(['9007199254740992', '1e16', '1e400', '1.5', '0', '-1', '"3"', 'true'])(
    '[SHP-5] a base version of %s is refused',
    (version) => {
      const patch = JSON.parse(
        JSON.stringify(playbookPatch()).replace('"baseVersion":3', `"baseVersion":${version}`),
      )
      expect(parseInput(PlaybookPatch, patch)).toMatchObject({
        ok: false,
        issues: [{ path: '/baseVersion' }],
      })
    },
  )

  it('[SHP-5] NaN and the infinities are refused wherever a number is', () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      expect(parseSyncBatch(altered(syncBatch(), '/maxDownstream', value)).ok).toBe(false)
      expect(parseInput(Observation, altered(observation(), '/location/lat', value)).ok).toBe(false)
    }
  })
})

describe('values that no JSON parser gives', () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle

  it.each([
    undefined,
    1n,
    Symbol('s'),
    () => 1,
    new Date(0),
    new Map(),
    /x/,
    circle,
    Object.create(null),
    new Proxy({}, {}),
  ])('[SHP-1] input %# is refused by every operation that needs a field, and throws nowhere', (value) => {
    for (const { input } of Object.values(OPERATIONS)) {
      const needsNothing = input.safeParse({}).success
      const parsed = parseInput(input, value)
      if (!needsNothing) expect(parsed.ok).toBe(false)
    }
    expect(parseSyncBatch(value).ok).toBe(false)
  })
})
