import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { rawConnection } from '../testing/raw-http.ts'
import { ClientGone, readBody } from './read-body.ts'

const LIMITS = { maxBytes: 1024, maxRecords: 1 }
const HEAD = 'POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n'

let started: () => void = () => undefined
let read: Promise<Buffer>
const server = createServer((req) => {
  const encoding = req.url === '/gzip' ? 'gzip' : 'identity'
  read = readBody(req, encoding, LIMITS, () => true)
  started()
})
let port: number
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on TCP has an AddressInfo.
  ;({ port } = server.address() as AddressInfo)
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

describe('a body whose client goes away', () => {
  it.each(['/', '/gzip'])('[ERR-1] ends the read at %s, and leaves nothing waiting', async (path) => {
    await using connection = await rawConnection(port)
    const reading = new Promise<void>((resolve) => (started = resolve))
    connection.write(HEAD.replace('/ ', `${path} `))
    await reading
    connection.socket.destroy()
    await expect(read).rejects.toBeInstanceOf(ClientGone)
  })
})
