import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'

import { Device } from '../entities/device.ts'
import { Playbook } from '../entities/playbook.ts'
import { Recommendation } from '../entities/recommendation.ts'
import { WeatherFeatures } from '../entities/weather-features.ts'
import { OPERATIONS } from '../operations/table.ts'
import { arbitraryOf, mutationOf, seededRuns } from '../testing/index.ts'
import { parseInput, type Parsed } from './parse-input.ts'
import { parseSyncBatch } from './parse-sync-batch.ts'
import { pointerTo } from './pointer.ts'

type Case = readonly [
  name: string,
  schema: z.ZodType,
  parse: (input: unknown) => Parsed<unknown>,
  runs: number,
]

// A batch has many of the others in it, and takes many times as long. The soak does each SOAK_ROUNDS times as often.
const RUNS = 100
const BATCH_RUNS = 40

const bySchema = (name: string, schema: z.ZodType): Case => [
  name,
  schema,
  (input) => parseInput(schema, input),
  name === 'sync.batch' ? BATCH_RUNS : RUNS,
]

const CASES: readonly Case[] = [
  ...Object.entries(OPERATIONS).map(([name, { input }]) => bySchema(name, input)),
  bySchema('Device', Device),
  bySchema('Recommendation', Recommendation),
  bySchema('Playbook', Playbook),
  bySchema('WeatherFeatures', WeatherFeatures),
  ['sync.batch, record by record', OPERATIONS['sync.batch'].input, parseSyncBatch, 2 * BATCH_RUNS],
]

describe('generated input', () => {
  it.each(CASES)(
    '[SHP-9] %s: whatever the schema allows is read as it was sent, and again the same',
    (_, schema, parse, runs) => {
      fc.assert(
        fc.property(arbitraryOf(schema), (input) => {
          const parsed = parse(input)
          expect(parsed).toEqual({ ok: true, value: input })
          const written = throughJson(parsed)
          expect(throughJson(parse(written))).toEqual(written)
        }),
        seededRuns(runs / 2),
      )
    },
  )

  it.each(CASES)('[SHP-1] %s: one fault is refused and named', (_, schema, parse, runs) => {
    fc.assert(
      fc.property(mutationOf(schema), ({ input, path }) => {
        const parsed = parse(input)
        expect(parsed.ok).toBe(false)
        if (!parsed.ok) expect(parsed.issues.some((issue) => leadsTo(issue.path, pointerTo(path)))).toBe(true)
      }),
      seededRuns(runs),
    )
  })
})

/** An issue names the fault itself or what contains it: a choice between shapes is reported at the choice. */
const leadsTo = (issue: string, fault: string): boolean => fault === issue || fault.startsWith(`${issue}/`)

function throughJson(parsed: Parsed<unknown>): unknown {
  if (!parsed.ok) throw new Error('refused')
  return JSON.parse(JSON.stringify(parsed.value))
}
