import { gzipSync } from 'node:zlib'

import { syncBatch } from '@fieldsync/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type ApiServer, startApi } from '../testing/api-server.ts'
import { fakeVerbs, NO_RUNTIME, TOKEN } from '../testing/fake-verbs.ts'
import { rawConnection } from '../testing/raw-http.ts'
import { envelopeOf, rest } from '../testing/rest-client.ts'

const MIB = 1024 * 1024
const LIMITS = { maxBytes: 8 * MIB, maxRecords: 1000 }
const batch = JSON.stringify(syncBatch())
const head = (...lines: string[]): string =>
  [
    'POST /v1/sync/batch HTTP/1.1',
    'Host: test',
    `X-Device-Token: ${TOKEN}`,
    'Idempotency-Key: key-1',
    'Content-Type: application/json',
    ...lines,
    '',
    '',
  ].join('\r\n')

let server: ApiServer
let url: string
beforeAll(async () => {
  server = await startApi({ runtime: NO_RUNTIME, verbs: fakeVerbs(), limits: LIMITS })
  url = `${server.url}/v1/sync/batch`
})
afterAll(() => server[Symbol.asyncDispose]())

describe('a hostile body', () => {
  it('[HDR-2] a gzip body is read', async () => {
    const { status, json } = await rest(url, {
      body: gzipSync(batch),
      headers: { 'content-encoding': 'gzip' },
    })
    expect(status).toBe(200)
    expect(json).toEqual(JSON.parse(batch))
  })

  it('[HDR-2][ERR-17] a gzip bomb is refused before it is unpacked whole', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * MIB, ' '))
    const before = process.memoryUsage().arrayBuffers
    const answer = await rest(url, { body: bomb, headers: { 'content-encoding': 'gzip' } })
    expect(answer.status).toBe(413)
    expect(envelopeOf(answer)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', retryable: false, details: LIMITS })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * MIB)
  })

  it('[ERR-17] 10 MiB with a Content-Length are refused, and the connection serves the next request', async () => {
    await using connection = await rawConnection(server.port)
    connection.write(head(`Content-Length: ${10 * MIB}`))
    expect(await connection.answer()).toMatchObject({ status: 413 })
    for (let sent = 0; sent < 10; sent++) connection.write(Buffer.alloc(MIB, ' '))
    connection.write(head(`Content-Length: ${Buffer.byteLength(batch)}`) + batch)
    expect(await connection.answer()).toMatchObject({ status: 200 })
  })

  it('[ERR-17] 10 MiB in chunks are refused, and the connection serves the next request', async () => {
    await using connection = await rawConnection(server.port)
    connection.write(head('Transfer-Encoding: chunked'))
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, ' '), Buffer.from('\r\n')])
    for (let sent = 0; sent < 10; sent++) connection.write(chunk)
    expect(await connection.answer()).toMatchObject({ status: 413 })
    connection.write('0\r\n\r\n' + head(`Content-Length: ${Buffer.byteLength(batch)}`) + batch)
    expect(await connection.answer()).toMatchObject({ status: 200 })
  })

  it('[ERR-17] a body without an end is cut off after its answer', async () => {
    await using connection = await rawConnection(server.port)
    connection.write(head('Transfer-Encoding: chunked'))
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, ' '), Buffer.from('\r\n')])
    const closed = new Promise((resolve) => connection.socket.once('close', resolve))
    const pour = (): void => {
      while (!connection.socket.destroyed && connection.socket.write(chunk));
    }
    connection.socket.on('drain', pour)
    pour()
    expect(await connection.answer()).toMatchObject({ status: 413 })
    await closed
  })

  it('[ERR-17] endless gzip members that hold nothing are refused by what they weigh on the wire', async () => {
    const nothing = gzipSync('')
    const body = Buffer.concat(Array.from({ length: Math.ceil((9 * MIB) / nothing.length) }, () => nothing))
    await using connection = await rawConnection(server.port)
    connection.write(head('Transfer-Encoding: chunked', 'Content-Encoding: gzip'))
    connection.write(`${body.length.toString(16)}\r\n`)
    connection.write(body)
    expect(await connection.answer()).toMatchObject({ status: 413 })
  })

  it('[HDR-2] after a body that is not gzip the connection serves the next request', async () => {
    await using connection = await rawConnection(server.port)
    const body = Buffer.alloc(4 * MIB, 'no gzip')
    connection.write(head(`Content-Length: ${body.length}`, 'Content-Encoding: gzip'))
    connection.write(body.subarray(0, 100))
    expect(await connection.answer()).toMatchObject({ status: 400 })
    connection.write(body.subarray(100))
    connection.write(head(`Content-Length: ${Buffer.byteLength(batch)}`) + batch)
    expect(await connection.answer()).toMatchObject({ status: 200 })
  })

  it.each([
    ['no gzip at all', Buffer.from(batch)],
    ['a cut off stream', gzipSync(batch).subarray(0, -20)],
    ['a broken check sum', Buffer.concat([gzipSync(batch).subarray(0, -8), Buffer.alloc(8)])],
    ['nothing', Buffer.alloc(0)],
  ])('[HDR-2] %s under Content-Encoding: gzip is a VALIDATION_ERROR', async (_case, body) => {
    const answer = await rest(url, { body, headers: { 'content-encoding': 'gzip' } })
    expect(answer.status).toBe(400)
    expect(envelopeOf(answer).details).toEqual({ issues: [{ path: '', message: expect.any(String) }] })
  })

  it.each([
    ['no body', ''],
    ['cut off JSON', batch.slice(0, -1)],
    ['two values', `${batch}${batch}`],
    [
      'bytes that are not UTF-8',
      Buffer.concat([Buffer.from('{"syncId":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    ],
    [
      'a surrogate encoded in UTF-8',
      Buffer.concat([Buffer.from('"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"')]),
    ],
  ])('[ERR-1] %s is a VALIDATION_ERROR of the whole body', async (_case, body) => {
    const answer = await rest(url, { body })
    expect(answer.status).toBe(400)
    expect(envelopeOf(answer).details).toEqual({ issues: [{ path: '', message: expect.any(String) }] })
  })

  it.each([
    ['null', 'null'],
    ['a list', '[]'],
    ['a string', '"batch"'],
    ['a number beyond any double', '1e999'],
    ['200,000 levels of lists', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['200,000 levels of objects', '{"a":'.repeat(200_000) + '1' + '}'.repeat(200_000)],
    [
      'deep JSON where a record belongs',
      batch.replace('"observations":[]', `"observations":[${'['.repeat(5000)}${']'.repeat(5000)}]`),
    ],
    ['keys named as object internals', '{"__proto__":{"admin":true},"constructor":{"prototype":{}}}'],
    ['NUL in a text', JSON.stringify(syncBatch({ syncId: 'a\0b' }))],
    ['a lone surrogate', batch.replace('"syncId":"', '"syncId":"\\ud800')],
  ])('[SHP-3][SHP-5][SHP-6][SHP-7][ERR-1] %s is a VALIDATION_ERROR', async (_case, body) => {
    const answer = await rest(url, { body })
    expect(answer.status).toBe(400)
    expect(envelopeOf(answer).code).toBe('VALIDATION_ERROR')
    expect(Reflect.get({}, 'admin')).toBeUndefined()
  })

  it('[ERR-1] a client that goes away in the middle of its body is no error of ours', async () => {
    const { port, log } = server
    for (const lines of [
      ['Content-Length: 100000'],
      ['Transfer-Encoding: chunked', 'Content-Encoding: gzip'],
    ]) {
      await using connection = await rawConnection(port)
      connection.write(head(...lines) + '64\r\n')
      connection.socket.resetAndDestroy()
    }
    expect((await rest(url, { body: batch })).status).toBe(200)
    expect(log.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('[ERR-1] a body that arrives byte by byte is read like any other', async () => {
    await using connection = await rawConnection(server.port)
    connection.write(head(`Content-Length: ${Buffer.byteLength(batch)}`))
    for (const byte of Buffer.from(batch)) connection.write(Uint8Array.of(byte))
    expect(await connection.answer()).toMatchObject({ status: 200 })
  })
})
