import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'

import {
  ConflictId,
  CorrectionId,
  DeviceId,
  ObservationId,
  PatchId,
  PlaybookId,
  RecommendationId,
  RuleId,
  ServiceId,
  SyncId,
  WeatherFeaturesId,
  WorkspaceId,
} from './ids.ts'
import { type FieldValues, minted, named, patterned, text } from './testing/field-values.ts'
import { mintId, seededRandom, seededRuns } from './testing/index.ts'
import { WEATHER_ID } from './testing/shared-fields.ts'

function expectStored(schema: z.ZodType, { accepted, refused }: FieldValues): void {
  const accepts = (value: unknown) => schema.safeParse(value).success
  expect(accepted.filter((value) => !accepts(value))).toEqual([])
  expect(refused.filter(accepts)).toEqual([])
}

describe('ids', () => {
  it.each([
    ['obs_', ObservationId],
    ['rec_', RecommendationId],
    ['pch_', PatchId],
  ] as const)('[IDS-1] %s ids have four digits or an upper-case ULID after the day', (prefix, schema) => {
    expectStored(schema, minted(prefix))
  })

  it('[IDS-1] what new clients mint is accepted, and differs each time', () => {
    const rng = seededRandom(1)
    const anyMoment = fc.integer({ min: 0, max: Date.parse('9999-12-31T23:59:59Z') })
    fc.assert(
      fc.property(anyMoment, (millis) => {
        const [one, two] = [
          mintId('obs', rng, new Date(millis).toISOString()),
          mintId('obs', rng, new Date(millis).toISOString()),
        ]
        return ObservationId.safeParse(one).success && one !== two
      }),
      seededRuns(),
    )
  })

  it('[IDS-1] one kind of id does not pass for another', () => {
    const kinds = { obs: ObservationId, rec: RecommendationId, pch: PatchId }
    for (const [kind, schema] of Object.entries(kinds)) {
      for (const prefix of Object.keys(kinds)) {
        expect(schema.safeParse(`${prefix}_20260211_0001`).success).toBe(kind === prefix)
      }
    }
  })

  it.each([
    ['dev_', DeviceId],
    ['pbk_', PlaybookId],
    ['rule_', RuleId],
  ] as const)('[IDS-2] %s ids hold lower-case letters, digits and underscores', (prefix, schema) => {
    expectStored(schema, named(prefix))
  })

  it('[IDS-2] wxf_ ids have a day and a name', () => {
    expectStored(WeatherFeaturesId, WEATHER_ID)
  })

  it('[IDS-2] workspace ids begin with a letter or digit and fit into a device token list', () => {
    expectStored(
      WorkspaceId,
      patterned(
        ['ws_demo', '0', 'a'.repeat(128), 'Farm-7.b'],
        ['_a', 'a/b', 'a,b', 'a=b', 'a#b', 'a b', 'a'.repeat(129)],
      ),
    )
  })

  it.each([
    ['sync', SyncId],
    ['correction', CorrectionId],
    ['conflict', ConflictId],
  ] as const)('[SHP-2] %s ids are any text of 1 to 128 characters', (_, schema) => {
    expectStored(schema, text(1, 128))
  })

  it('[IDS-2] ids come back letter for letter', () => {
    expect(SyncId.parse('AbC')).toBe('AbC')
    expect(WorkspaceId.parse('Demo')).not.toBe(WorkspaceId.parse('demo'))
  })
})

it('an id that is malformed is refused with an example of a right one', () => {
  expect(ServiceId.safeParse('import').error?.issues[0]?.message).toBe('must look like dev_svc_import')
  expect(DeviceId.safeParse('scout').error?.issues[0]?.message).toBe('must look like dev_scout_1')
})
