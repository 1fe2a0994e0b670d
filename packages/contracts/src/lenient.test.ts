import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { Observation } from './entities/observation.ts'
import { PlaybookPatch } from './entities/playbook-patch.ts'
import { Playbook } from './entities/playbook.ts'
import { lenient } from './lenient.ts'
import { OPERATIONS } from './operations/table.ts'
import { SyncBatchResponse } from './sync/response.ts'
import { altered, arbitraryOf, observation, playbook, playbookPatch, seededRuns } from './testing/index.ts'

describe('lenient', () => {
  it.each([
    ['a record', Observation, observation(), ''],
    ['an object in a record', Observation, observation(), '/transcription'],
    ['the value of a map', Playbook, playbook(), '/rules/rule_pm_moderate/constraints'],
    ['an array item', Playbook, playbook(), '/rules/rule_pm_moderate/timing/weatherAdjustments/0'],
    ['an option of a union', PlaybookPatch, playbookPatch(), '/operations/0'],
  ])('[SHP-10] a new key in %s is dropped', (_, schema, value, at) => {
    const newer = altered(value, `${at}/addedLater`, { any: 'thing' })
    expect(schema.safeParse(newer).success).toBe(false)
    expect(lenient<z.ZodType>(schema).parse(newer)).toEqual(value)
  })

  it('[SHP-10] keeps optional and nullable keys what they are', () => {
    const schema = lenient(
      z.strictObject({ a: z.strictObject({ b: z.int() }).nullable(), c: z.strictObject({}).optional() }),
    )
    expect(schema.parse({ a: null })).toEqual({ a: null })
    expect(schema.parse({ a: { b: 1, x: 1 }, c: { x: 1 } })).toEqual({ a: { b: 1 }, c: {} })
    expect(schema.safeParse({}).success).toBe(false)
  })

  it('[SHP-10] still refuses known keys of the wrong kind', () => {
    expect(lenient(Observation).safeParse(altered(observation(), '/location/lat', 'north')).success).toBe(
      false,
    )
  })
})

describe('answers', () => {
  it.each(Object.entries(OPERATIONS).map(([name, { output }]) => [name, output] as const))(
    '[SHP-10] %s may gain keys at every depth',
    (_, output) => {
      fc.assert(
        fc.property(arbitraryOf<z.ZodType>(output), (answer) => {
          expect(output.parse(withNewKeys(answer))).toEqual(output.parse(answer))
        }),
        seededRuns(20),
      )
    },
  )

  it('[SHP-10] a batch answer needs no optional addition', () => {
    const answer = {
      syncId: 'syn_1',
      acceptedAt: '2026-02-11T18:00:00Z',
      serverCursor: 'cur_x',
      acceptedCounts: { observations: 0, recommendations: 0, playbookPatches: 0 },
      conflicts: [],
      downstream: {
        playbook: { playbookId: 'pbk_yolo_grape', version: 3, updatedAt: '2026-02-11T12:00:00Z' },
        observations: [],
        recommendations: [],
        hasMore: false,
      },
    }
    expect(SyncBatchResponse.parse(answer)).toEqual(answer)
  })
})

// Maps with free keys (rules, a patch's value) are content, not shape: nothing is added there.
const FREE_KEYS = new Set(['rules', 'value', 'details'])

function withNewKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNewKeys)
  if (typeof value !== 'object' || value === null) return value
  const known = Object.entries(value).map(
    ([key, part]) => [key, FREE_KEYS.has(key) ? part : withNewKeys(part)] as const,
  )
  return { ...Object.fromEntries(known), addedLater: { deeply: [1] } }
}
