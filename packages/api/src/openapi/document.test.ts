import { ERROR_CODES, type Operation as TableOperation, OPERATIONS } from '@fieldsync/contracts'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'

import { expressPath, openApiPath, REST_ROUTES } from '../rest/rest-route.ts'
import { startApi } from '../testing/api-server.ts'
import { fakeVerbs, NO_RUNTIME } from '../testing/fake-verbs.ts'
import { rest } from '../testing/rest-client.ts'
import { openApiDocument } from './document.ts'
import { REQUEST_EXAMPLES } from './examples.ts'

type Operation = {
  operationId: string
  description?: string
  deprecated?: boolean
  parameters?: ({ name: string; in: string; required?: boolean } | { $ref: string })[]
  security?: unknown[]
  requestBody?: { content: { 'application/json': { schema: unknown; example: unknown } } }
  responses: Record<
    string,
    { description: string; headers?: object; content: Record<string, { schema: unknown }> }
  >
}
const document = openApiDocument()
const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, ...(operation as Operation) })),
)
const byId = new Map(operations.map((operation) => [operation.operationId, operation]))

describe('the OpenAPI document', () => {
  it('[OPS-2] is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    // A copy: the validator resolves references in place.
    const result = await validator.validate({ ...structuredClone(document) })
    expect(result.errors).toBeUndefined()
    expect([result.valid, validator.version]).toEqual([true, '3.1'])
    expect(() => validator.resolveRefs()).not.toThrow()
  })

  it('[OPS-2] has every operation, where and as the contract has it, and no other', () => {
    const listed = operations.map(({ path, method, operationId }) => [
      operationId,
      method.toUpperCase(),
      path,
    ])
    const expected = Object.values<TableOperation>(OPERATIONS).flatMap(
      ({ operationId, method, path, alias }) =>
        [[operationId, method, path], ...(alias ? [[`${operationId}Alias`, method, alias]] : [])].map((row) =>
          row.map((text) => text.replace(/(?<=\/):(\w+)/g, '{$1}')),
        ),
    )
    expect(new Set(listed.map(String))).toEqual(new Set(expected.map(String)))
    expect(byId.get('applyPlaybookPatch')?.path).toBe('/v1/playbooks/{playbookId}/patches:apply')
  })

  it('[OPS-33] has the path of the original contract as a deprecated one of the same shapes', () => {
    const { operationId, path, description, ...alias } = byId.get('applyPlaybookPatchAlias') ?? {}
    expect([operationId, path]).toEqual(['applyPlaybookPatchAlias', '/v1/playbooks/{playbookId}/patches'])
    expect(description).toContain('`applyPlaybookPatch`')
    expect({ ...byId.get('applyPlaybookPatch'), ...alias }).toEqual({
      ...byId.get('applyPlaybookPatch'),
      deprecated: true,
    })
    expect(operations.filter(({ deprecated }) => deprecated)).toHaveLength(1)
  })

  it('[OPS-2] names every path and query parameter that a request may have', () => {
    for (const { operationId, input, parameters, method } of REST_ROUTES) {
      const listed = (byId.get(operationId)?.parameters ?? []).flatMap((one) =>
        'in' in one ? [`${one.in} ${one.name}`] : [],
      )
      const expected = Object.keys(input.shape).flatMap((key) => {
        if (parameters.includes(key)) return [`path ${key}`]
        return method === 'GET' ? [`query ${key}`] : []
      })
      expect(new Set(listed), operationId).toEqual(new Set(expected))
    }
  })

  it('[HDR-1][IDM-2] every write but those proven by the key that they are about takes a key and may be a replay, and no read does', () => {
    for (const { method, ...operation } of operations) {
      const text = JSON.stringify(operation)
      const isWrite =
        method === 'post' && !['enrollDevice', 'acknowledgeWipe'].includes(operation.operationId)
      expect(text.includes('#/components/parameters/Idempotency-Key')).toBe(isWrite)
      expect(text.includes('#/components/headers/Idempotency-Replayed')).toBe(isWrite)
    }
  })

  it('[OPS-17] every list has a Link header and answers an array', () => {
    for (const { operationId, list, status } of Object.values(OPERATIONS)) {
      const answer = byId.get(operationId)?.responses[status]
      expect(Object.keys(answer?.headers ?? {}).includes('Link'), operationId).toBe(list)
      expect(answer?.content['application/json']?.schema).toMatchObject(list ? { type: 'array' } : {})
    }
  })

  it('[ACC-1] only health, enrolling and acknowledging a wipe need no credential of the API', () => {
    const open = operations
      .filter(({ security }) => security?.length === 0)
      .map(({ operationId }) => operationId)
    expect(open).toEqual(['getHealth', 'enrollDevice', 'acknowledgeWipe'])
    expect(Object.keys(document.components?.securitySchemes ?? {})).toEqual(['deviceToken', 'bearer', 'dpop'])
  })

  it('[ERR-1] every error answer is the envelope, and every code but 405 is documented', () => {
    const found = new Set<string>()
    for (const { responses } of operations) {
      for (const [status, { description, content }] of Object.entries(responses)) {
        if (Number(status) < 400) continue
        expect(content['application/json']?.schema).toEqual({ $ref: '#/components/schemas/ErrorEnvelope' })
        for (const [, code] of description.matchAll(/`([A-Z_]+)`:/g)) found.add(code ?? '')
      }
    }
    expect(found).toEqual(new Set(ERROR_CODES.filter((code) => code !== 'METHOD_NOT_ALLOWED')))
  })

  it('[ERR-18][ERR-19] 429 and 503 document Retry-After', () => {
    for (const { responses } of operations) {
      for (const status of ['429', '503']) {
        const answer = responses[status]
        if (answer) expect(Object.keys(answer.headers ?? {})).toEqual(['Retry-After'])
      }
    }
  })

  it('[OPS-2] every write has an example that its own contract accepts', () => {
    for (const { name, input, method, operationId } of REST_ROUTES) {
      if (method !== 'POST') continue
      expect(input.safeParse(REQUEST_EXAMPLES[name]), name).toMatchObject({ success: true })
      expect(byId.get(operationId)?.requestBody?.content['application/json'].example).toEqual(
        REQUEST_EXAMPLES[name],
      )
    }
  })

  it('gives every schema a name for people', () => {
    const names = Object.keys(document.components?.schemas ?? {})
    expect(names.filter((name) => !/^[A-Z][A-Za-z]+$/.test(name))).toEqual([])
    expect(names).toContain('SyncBatchRequest')
    expect(names).toContain('SyncBatchResponse')
  })

  it('does not say that an answer has no other keys', () => {
    const { SyncBatchRequest, SyncBatchResponse } = document.components?.schemas ?? {}
    expect(SyncBatchRequest).toMatchObject({ additionalProperties: false })
    expect(SyncBatchResponse).not.toHaveProperty('additionalProperties')
  })

  it('[OPS-2] has no component that no operation refers to', () => {
    const { securitySchemes: _byName, ...referred } = document.components ?? {}
    const components = new Map<string, unknown>(
      Object.entries(referred).flatMap(([kind, entries]) =>
        Object.entries(entries).map(([name, part]) => [`#/components/${kind}/${name}`, part] as const),
      ),
    )
    const reached = new Set<string>()
    const follow = (part: unknown) => {
      for (const [, reference = ''] of JSON.stringify(part).matchAll(/"(#\/components\/[^"]+)"/g)) {
        if (reached.has(reference)) continue
        reached.add(reference)
        follow(components.get(reference))
      }
    }
    follow(document.paths)
    expect([...components.keys()].filter((name) => !reached.has(name))).toEqual([])
  })

  it('[OPS-2] has no schema that contains itself, which generated clients cannot name', () => {
    const schemas = Object.entries(document.components?.schemas ?? {})
    const recursive = schemas.filter(([name, schema]) =>
      JSON.stringify(schema).includes(`"#/components/schemas/${name}"`),
    )
    expect(recursive.map(([name]) => name)).toEqual([])
  })

  it('[OPS-2] is served from memory under an ETag', async () => {
    await using server = await startApi({
      runtime: NO_RUNTIME,
      verbs: fakeVerbs(),
      publicUrl: 'https://fields.example',
    })
    const first = await rest(`${server.url}/v1/openapi.json`)
    expect(first.json).toEqual(openApiDocument({ publicUrl: 'https://fields.example' }))
    expect(first.json).toMatchObject({ servers: [{ url: 'https://fields.example' }] })
    const etag = first.headers.get('etag') ?? ''
    const again = await rest(`${server.url}/v1/openapi.json`, { headers: { 'if-none-match': etag } })
    expect([again.status, again.text]).toEqual([304, ''])
  })
})

describe('paths', () => {
  it('a colon starts a parameter only right after a slash', () => {
    const path = '/v1/playbooks/:playbookId/patches:apply'
    expect(openApiPath(path)).toBe('/v1/playbooks/{playbookId}/patches:apply')
    expect(expressPath(path)).toBe('/v1/playbooks/:playbookId/patches\\:apply')
  })
})
