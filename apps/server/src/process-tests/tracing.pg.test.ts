import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { device, observation, syncBatch } from '@fieldsync/testkit'
import { afterAll, expect, it, onTestFinished } from 'vitest'

import { sharedSystem } from '../system/testing/shared-system.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const UNSAMPLED = TRACE.replace('4', '5')
const REFUSED = TRACE.replace('4', '6')
const PARENT = '00f067aa0ba902b7'
const NOTE = 'A note that no collector may see'

type Attribute = { key: string; value: { stringValue?: string; intValue?: number } }
type Received = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  attributes: Attribute[]
  status: { code: number; message?: string }
}

// A collector of OTLP over HTTP: it stores what it gets.
const bodies: string[] = []
const keys = new Set<unknown>()
const collector = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (part: string) => (text += part))
  request.on('end', () => {
    bodies.push(`${request.url} ${text}`)
    keys.add(request.headers['x-collector-key'])
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
})
collector.listen(0, '127.0.0.1')
await once(collector, 'listening')
afterAll(() => void collector.close())
const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`

const received = (): Received[] =>
  bodies.flatMap((body) => {
    const { resourceSpans } = JSON.parse(body.slice(body.indexOf(' ') + 1)) as {
      resourceSpans: { scopeSpans: { spans: Received[] }[] }[]
    }
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  })

const system = await sharedSystem(1)

it('[MON-9] sends parse, decide and commit of a batch under the traceparent of its client', async () => {
  const workspaceId = await system.workspace()
  const { deviceId, token } = await system.device(workspaceId, 'dev_scout_1', 'scout')
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-collector-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const headers = path.join(folder, 'headers')
  await writeFile(headers, 'x-collector-key=a-key%20of-the-collector', { mode: 0o600 })
  const server = await system.start({
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_SERVICE_NAME: 'fieldsync-of-the-test',
    OTEL_EXPORTER_OTLP_HEADERS_FILE: headers,
  })
  const send = async (traceparent?: string, rawNoteText: string = NOTE) => {
    const batch = syncBatch({
      device: device({ deviceId }),
      observations: [observation({ deviceId, rawNoteText })],
    })
    const response = await fetch(`${server.url}/v1/sync/batch`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': batch.syncId,
        'x-device-token': token,
        ...(traceparent === undefined ? {} : { traceparent }),
      },
      body: JSON.stringify(batch),
    })
    await response.text()
    return { status: response.status, requestId: response.headers.get('x-request-id') }
  }
  expect((await send(`00-${TRACE}-${PARENT}-01`)).status).toBe(200)
  const own = await send()
  // Its caller does not record it, and neither do we.
  await send(`00-${UNSAMPLED}-${PARENT}-00`)
  expect((await send(`00-${REFUSED}-${PARENT}-01`, '')).status).toBe(400)
  const { code } = await server.kill('SIGTERM')
  await server[Symbol.asyncDispose]()
  expect(code).toBe(0)

  const spans = received()
  const root = spans.find(({ parentSpanId }) => parentSpanId === PARENT)
  expect(root).toMatchObject({ traceId: TRACE, name: 'sync.batch', kind: 2, status: { code: 0 } })
  const attributes = Object.fromEntries(
    (root?.attributes ?? []).map(({ key, value }) => [key, value.stringValue ?? value.intValue]),
  )
  expect(attributes).toEqual({
    'fieldsync.operation': 'sync.batch',
    'fieldsync.outcome': 'ok',
    'fieldsync.workspace': workspaceId,
    'fieldsync.device': deviceId,
    'http.request.method': 'POST',
    'http.response.status_code': 200,
  })
  const parts = spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId)
  expect(parts.map(({ name, traceId }) => [name, traceId])).toEqual(
    ['parse', 'decide', 'commit'].map((name) => [name, TRACE]),
  )
  // Without a traceparent the log line names the trace of the server's own.
  const lines = server.logs().split('\n')
  const line = lines.find((each) => each.includes(own.requestId ?? 'none')) ?? '{}'
  const { traceId } = JSON.parse(line) as { traceId?: string }
  expect(spans.filter((span) => span.traceId === traceId).map(({ name }) => name)).toContain('sync.batch')
  expect(spans.filter((span) => span.traceId === UNSAMPLED)).toEqual([])
  const refused = spans.filter((span) => span.traceId === REFUSED)
  expect(refused.map(({ name, status }) => [name, status.code])).toEqual([
    ['parse', 0],
    ['sync.batch', 2],
  ])

  const all = bodies.join('\n')
  expect(bodies.every((body) => body.startsWith('/v1/traces '))).toBe(true)
  expect(all).toContain('fieldsync-of-the-test')
  expect([...keys]).toEqual(['a-key of-the-collector'])
  for (const secret of [NOTE, token, 'of-the-collector']) expect(all + server.logs()).not.toContain(secret)
})

it('[MON-9] a collector that is away is one warning, and costs no request', async () => {
  const workspaceId = await system.workspace()
  const caller = await system.device(workspaceId, 'dev_scout_1', 'scout')
  const server = await system.start({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces',
    OTEL_EXPORTER_OTLP_TIMEOUT: '300',
  })
  const ask = async () => {
    const response = await fetch(`${server.url}/v1/session`, { headers: { 'x-device-token': caller.token } })
    await response.text()
    return response.status
  }
  expect(await ask()).toBe(200)
  await server.logged('traces cannot be exported')
  expect(await ask()).toBe(200)
  await server.kill('SIGTERM')
  await server[Symbol.asyncDispose]()
  const warnings = server
    .logs()
    .split('\n')
    .filter((line) => line.includes('traces cannot be exported'))
  expect(warnings).toHaveLength(1)
})
