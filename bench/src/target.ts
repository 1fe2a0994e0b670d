import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { gunzipSync } from 'node:zlib'

import type { BenchClient } from './clients.ts'
import { type KeyedClient, keyedClient } from './keyed-client.ts'
import { cpuSecondsOfTree } from './process-cpu.ts'

/** A server process under measurement. */
export type Target = {
  name: string
  url: string
  /**
   * Sends one body as the given client and resolves with the answer's text.
   * @param gzip whether the answer may come compressed
   * @throws Error unless 200
   */
  send(client: number, key: string, body: string, gzip?: boolean): Promise<string>
  /** From now on each of these clients calls with a key of its own in place of its token. */
  useKeys(clients: readonly number[]): Promise<void>
  /** Drops idle connections: a server may have closed them while bodies were prepared. */
  reconnect(): void
  /** CPU seconds the process and those that it started have used so far; NaN where the platform does not report it. */
  cpuSeconds(): number
  stop(): Promise<void>
}

/** Starts a server script and waits until `path` answers 200. */
export async function startTarget(options: {
  name: string
  script: string
  env: Record<string, string>
  path: string
  readyPath: string
  /** Those whose credentials the server knows. */
  clients?: readonly BenchClient[]
}): Promise<Target> {
  const port = await freePort()
  const flags = process.env['BENCH_NODE_FLAGS']?.split(' ') ?? []
  const child = spawn(process.execPath, [...flags, options.script], {
    env: { ...process.env, ...options.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const newAgent = () => new Agent({ keepAlive: true, maxSockets: 256 })
  let agent = newAgent()
  const call = (method: string, path: string, headers: Record<string, string>, body: string) =>
    exchange({ agent, port, method, path, headers, body })
  await untilReady(child, () => call('GET', options.readyPath, {}, ''))
  const url = `http://127.0.0.1:${port}`
  const keys = new Map<number, KeyedClient>()
  const credential = async (client: number, body: string): Promise<Record<string, string>> => {
    const keyed = keys.get(client)
    if (keyed) return await keyed.headers('POST', `${url}${options.path}`, body)
    const token = options.clients?.[client]?.token
    return token === undefined ? {} : { 'x-device-token': token }
  }
  return {
    name: options.name,
    url,
    useKeys: async (clients) => {
      for (const index of clients) {
        const client = options.clients?.[index]
        if (!client) throw new Error(`no client ${index}`)
        keys.set(index, await keyedClient(url, client.token, `${client.workspaceId}/${client.deviceId}`))
      }
    },
    send: async (client, key, body, gzip = false) => {
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': key,
        ...(await credential(client, body)),
        ...(gzip ? { 'accept-encoding': 'gzip' } : {}),
      }
      const { status, text } = await call('POST', options.path, headers, body)
      if (status !== 200) throw new Error(`${options.name} answered ${status}: ${text.slice(0, 500)}`)
      return text
    },
    reconnect: () => {
      agent.destroy()
      agent = newAgent()
    },
    cpuSeconds: () => (child.pid === undefined ? Number.NaN : cpuSecondsOfTree(child.pid)),
    stop: async () => {
      agent.destroy()
      if (child.exitCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

function exchange(options: {
  agent: Agent
  port: number
  method: string
  path: string
  headers: Record<string, string>
  body: string
}): Promise<{ status: number; text: string }> {
  const { agent, port, method, path, headers, body } = options
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const bytes = Buffer.concat(chunks)
          const plain = response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
          resolve({ status: response.statusCode ?? 0, text: plain.toString('utf8') })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

async function untilReady(child: ChildProcess, probe: () => Promise<{ status: number }>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    if (child.exitCode !== null)
      throw new Error(`the server ended with ${child.exitCode} before it was ready`)
    const status = await probe().then(
      (answer) => answer.status,
      () => 0,
    )
    // The bare server has no health endpoint; any answer shows that it listens.
    if (status === 200 || status === 500) return
    if (attempt > 2400) throw new Error('the server was not ready in time')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
