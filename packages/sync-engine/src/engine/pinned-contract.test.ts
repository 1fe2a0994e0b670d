import { readFileSync } from 'node:fs'

import {
  FIELDS_SINCE,
  fieldsLackedBy,
  parseSyncBatch,
  type SentShape,
  SyncBatchRequest,
  SyncBatchResponse,
} from '@fieldsync/contracts'
import { parsePointer, valueAt } from '@fieldsync/domain'
import { observation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { withFields, withoutFields } from '../core/document-fields.ts'
import { readAnswer } from '../push/read-answer.ts'
import { readSession } from '../push/read-session.ts'

// The schemas of contract 1.3.0, and what a client and a server of the last build of it have said to each other.
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./pinned/${name}-1.3.0.json`, import.meta.url), 'utf8'))
type Json = { [key: string]: unknown }
type Exchange = { request: SyncBatchRequest; status: number; answer: Json }
const PINNED = read('contract') as { request: Json; response: Json; session: Json }
const RECORDED = read('exchanges') as {
  session: { status: number; answer: Json }
  batches: Exchange[]
  refused: Exchange
}

const request = z.fromJSONSchema(PINNED.request)
const response = z.fromJSONSchema(PINNED.response)

const AT: Readonly<Record<SentShape, string[]>> = {
  observation: ['properties', 'upserts', 'properties', 'observations', 'items'],
  recommendation: ['properties', 'upserts', 'properties', 'recommendations', 'items'],
  playbookPatch: ['properties', 'upserts', 'properties', 'playbookPatches', 'items'],
  report: ['properties', 'report'],
}

/** Pointers of all fields of a shape, those of the objects in it included. */
function pointersOf(schema: Json, shape: SentShape): string[] {
  const within = (part: Json, above: string): string[] =>
    Object.entries((resolved(schema, part)['properties'] as Json | undefined) ?? {}).flatMap(
      ([name, value]) => [`${above}/${name}`, ...within(value as Json, `${above}/${name}`)],
    )
  return within(partAt(schema, AT[shape]), '')
}

/** A part of a schema, behind the references on the way to it. */
const partAt = (schema: Json, names: readonly string[]): Json =>
  names.reduce((part, name) => resolved(schema, part)[name] as Json, schema)

function resolved(schema: Json, part: Json): Json {
  const ref = part['$ref']
  if (typeof ref !== 'string') return part
  return resolved(schema, valueAt(schema, parsePointer(ref.slice(1)) ?? [])?.value as Json)
}

describe('what came after contract 1.3.0', () => {
  it('[ENG-32, SHP-11] is all in the table of fields, and nothing else is', () => {
    const now = z.toJSONSchema(SyncBatchRequest, { io: 'input' }) as Json
    for (const shape of Object.keys(FIELDS_SINCE) as SentShape[]) {
      const before = new Set(pointersOf(PINNED.request, shape))
      const added = pointersOf(now, shape).filter((pointer) => !before.has(pointer))
      expect({ shape, added: added.toSorted() }).toEqual({
        shape,
        added: Object.keys(FIELDS_SINCE[shape]).toSorted(),
      })
    }
    // The rest of a request is sent to servers of every version.
    for (const part of [['properties'], ['properties', 'device', 'properties']]) {
      const [fields, pinned] = [now, PINNED.request].map((schema) => Object.keys(partAt(schema, part)))
      expect(fields?.toSorted()).toEqual(pinned?.toSorted())
    }
  })

  it('[ENG-32] each field alone is refused by the pinned schema, and taken without', () => {
    const [exchange] = RECORDED.batches
    if (!exchange) throw new Error('nothing was recorded')
    const values: Readonly<Record<string, never[] | string | number>> = {
      '/notObserved': [],
      '/location/source': 'gps',
      '/location/accuracyM': 3,
      '/localOnly': 1,
      '/checkpoint': 'a note',
    }
    const { report, upserts } = exchange.request
    for (const pointer of Object.keys(FIELDS_SINCE.report)) {
      const newer = withFields(report ?? {}, { [pointer]: values[pointer] ?? null })
      expect(request.safeParse({ ...exchange.request, report: newer }).success).toBe(false)
      const older = withoutFields(newer, fieldsLackedBy('report', '1.3.0'))
      expect(request.safeParse({ ...exchange.request, report: older }).success).toBe(true)
    }
    for (const pointer of Object.keys(FIELDS_SINCE.observation)) {
      const newer = withFields(upserts.observations[0] ?? {}, { [pointer]: values[pointer] ?? null })
      const sent = (each: object) => ({ ...exchange.request, upserts: { ...upserts, observations: [each] } })
      expect(SyncBatchRequest.safeParse(sent(newer)).error).toBeUndefined()
      expect(request.safeParse(sent(newer)).success).toBe(false)
      const older = withoutFields(newer, fieldsLackedBy('observation', '1.3.0'))
      expect(request.safeParse(sent(older)).success).toBe(true)
    }
  })
})

describe('a build of contract 1.3.0', () => {
  it('[SHP-10] reads answers with everything that came later', () => {
    for (const { answer } of RECORDED.batches) {
      const { downstream } = answer as unknown as SyncBatchResponse
      const newer = observation({ notObserved: ['/location'], location: { lat: 1, lon: 2, source: 'map' } })
      const body = { ...answer, downstream: { ...downstream, observations: [newer] }, later: true }
      expect(response.safeParse(body).error).toBeUndefined()
    }
  })

  it('[ENG-31] as a server is understood: it announces nothing, and names what it does not know', () => {
    const { session, refused } = RECORDED
    const read130 = readSession({ status: session.status, body: JSON.stringify(session.answer) })
    expect(read130).toEqual({
      kind: 'session',
      session: { contract: '1.3.0', workspaceUid: null, workspaceName: 'ws_rec', deviceId: 'dev_rec' },
    })
    const { observations } = refused.request.upserts
    const call = {
      syncId: refused.request.syncId,
      body: JSON.stringify(refused.request),
      entries: observations.map(({ observationId: id }, i) => ({
        key: String(i),
        type: 'observation' as const,
        id,
      })),
      cursor: '',
      reported: { resolved: 0, drift: false },
    }
    expect(readAnswer(call, { status: refused.status, body: JSON.stringify(refused.answer) })).toMatchObject({
      kind: 'refusal',
      refusal: { code: 'VALIDATION_ERROR', contract: undefined },
    })
  })

  it('[SHP-10] as a client is understood: its recorded batches keep the contract, and get answers that it can read', () => {
    for (const { request: batch, answer } of RECORDED.batches) {
      expect(parseSyncBatch(batch)).toMatchObject({ ok: true })
      expect(request.safeParse(batch).error).toBeUndefined()
      expect(SyncBatchResponse.safeParse(answer).error).toBeUndefined()
    }
  })
})
