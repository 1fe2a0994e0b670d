import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'

import { ErrorEnvelope } from '@fieldsync/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'

import { type HttpServer, listen, ListenError, type RequestHandler } from './http-server.ts'

async function testServer(handler?: RequestHandler): Promise<{ server: HttpServer; url: string }> {
  const server = await listen('127.0.0.1', 0)
  if (handler !== undefined) server.serve(handler)
  onTestFinished(async () => void (await server.drain(0)))
  return { server, url: `http://127.0.0.1:${server.address.port}` }
}

/** Sends raw bytes and returns everything the server answers until it closes the connection. */
async function raw(server: HttpServer, bytes: string): Promise<string> {
  const socket = connect(server.address.port, '127.0.0.1').setEncoding('utf8')
  let answer = ''
  socket.on('data', (text: string) => {
    answer += text
  })
  socket.write(bytes)
  await once(socket, 'close')
  return answer
}

describe('the listening server', () => {
  it('[RUN-1] answers 503 with Retry-After while the application is not there yet', async () => {
    const { url } = await testServer()
    const response = await fetch(`${url}/v1/health`)
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(ErrorEnvelope.parse(await response.json()).error).toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    })
  })

  it('says which port is taken and what to do', async () => {
    const { server } = await testServer()
    const failure = await listen('127.0.0.1', server.address.port).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ListenError)
    expect(String(failure)).toMatch(
      new RegExp(`127\\.0\\.0\\.1:${server.address.port} is in use .* set PORT`),
    )
  })

  it.each([
    ['what is no HTTP', 'GARBAGE\r\n\r\n'],
    ['a header without an end', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ])('[ERR-1] answers %s with 400 and an envelope, and lives on', async (_what, bytes) => {
    const { server, url } = await testServer((_request, response) => response.end('fine'))
    const [head = '', body = ''] = (await raw(server, bytes)).split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request/)
    const { code, details } = ErrorEnvelope.parse(JSON.parse(body)).error
    expect(code).toBe('VALIDATION_ERROR')
    expect(details).toEqual({ issues: [{ path: '', message: expect.any(String) }] })
    expect(await (await fetch(url)).text()).toBe('fine')
  })

  it.each([
    ['no Host', 'host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    [
      'an unknown Expect',
      'expect',
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: the-best\r\n\r\n',
    ],
  ])(
    '[ERR-1][ERR-5] answers a request with %s with 400, an envelope and the name of the header',
    async (_what, header, bytes) => {
      const { server } = await testServer((_request, response) => response.end('fine'))
      const [head = '', body = ''] = (await raw(server, bytes)).split('\r\n\r\n')
      expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request/)
      const { code, details } = ErrorEnvelope.parse(JSON.parse(body)).error
      expect(code).toBe('VALIDATION_ERROR')
      expect(details).toEqual({ issues: [{ path: `/headers/${header}`, message: expect.any(String) }] })
    },
  )

  it('answers HTTP/1.0, which knows no Host, and waits for no body that it wants', async () => {
    const { server } = await testServer((_request, response) => response.end('fine'))
    expect(await raw(server, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK[^]*fine$/)
    const expecting =
      'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n'
    expect(await raw(server, expecting)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
  })

  it('cuts a client that does not take its answer', async () => {
    const size = 64 * 1024 * 1024 // More than the system buffers for it.
    const server = await listen('127.0.0.1', 0, { stalledMs: 100 })
    onTestFinished(async () => void (await server.drain(0)))
    const cut = Promise.withResolvers<boolean>()
    server.serve((_request, response) => {
      response.once('close', () => cut.resolve(response.writableFinished))
      response.end(Buffer.alloc(size))
    })
    const socket = connect(server.address.port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await cut.promise).toBe(false)
  })

  it('[RUN-8] drains: running requests are answered, new requests on open connections get 503, new connections none', async () => {
    const arrived = Promise.withResolvers<() => void>()
    const { server, url } = await testServer((request, response) => {
      if (request.url === '/slow') arrived.resolve(() => response.end('done'))
      else response.end('fast')
    })
    // Two connections: one with a running request, one with its next request already sent behind it.
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    const slow = send(`${url}/slow`, agent)
    const finish = await arrived.promise
    const pipelined = connect(server.address.port, '127.0.0.1').setEncoding('utf8')
    let answers = ''
    pipelined.on('data', (text: string) => {
      answers += text
    })
    pipelined.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n')
    await once(pipelined, 'data')

    const drained = server.drain(10_000)
    pipelined.write('{}GET /again HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(pipelined, 'close')
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 503'])
    expect(answers).toMatch(/connection: close/i)
    await expect(fetch(`${url}/new`)).rejects.toThrow('fetch failed')

    finish()
    expect(await (await slow).text).toBe('done')
    expect(await drained).toBe(0)
  })

  it('[RUN-8] cuts what does not finish in the time given', async () => {
    const arrived = Promise.withResolvers<void>()
    const { server, url } = await testServer(() => arrived.resolve())
    const hanging = fetch(url)
    await arrived.promise
    expect(await server.drain(10)).toBe(1)
    await expect(hanging).rejects.toThrow('fetch failed')
  })
})

async function send(url: string, agent: Agent): Promise<{ text: Promise<string> }> {
  const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage]
  return {
    text: response
      .setEncoding('utf8')
      .toArray()
      .then((parts) => parts.join('')),
  }
}
