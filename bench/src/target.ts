import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

import type { BenchClient } from './clients.ts'
import type { Dialect, WireCall } from './dialects.ts'
import type { Inside } from './inside.ts'
import { type KeyedClient, keyedClient } from './keyed-client.ts'
import { cpuSecondsOfTree, memoryOf } from './process-use.ts'

/** A server process under measurement. */
export type Target = {
  name: string
  url: string
  readonly dialect: Dialect
  /**
   * Sends a call as the given client and resolves with the answer's text.
   * @param gzip whether the answer may come compressed
   * @throws Error unless it succeeded
   */
  send(client: number, call: WireCall, gzip?: boolean): Promise<string>
  /** From now on each of these clients calls with a key of its own in place of its token. */
  useKeys(clients: readonly number[]): Promise<void>
  /** Drops idle connections: a server may have closed them while bodies were prepared. */
  reconnect(): void
  /** Memory of the process, bytes; NaN where the platform does not report it. */
  memory(): number
  /**
   * What is in the process's heap after a garbage collection.
   * @throws Error unless it was started with `inside`
   */
  inside(): Promise<Inside>
  /** CPU seconds the process and those that it started have used so far; NaN where the platform does not report it. */
  cpuSeconds(): number
  stop(): Promise<void>
}

/** Starts a server script and waits until `path` answers 200. */
export async function startTarget(options: {
  name: string
  script: string
  env: Record<string, string>
  dialect: Dialect
  readyPath: string
  /** Those whose credentials the server knows. */
  clients?: readonly BenchClient[]
  /** Whether it can be asked what is in its heap. */
  inside?: boolean
}): Promise<Target> {
  const port = await freePort()
  const flags = process.env['BENCH_NODE_FLAGS']?.split(' ') ?? []
  const insideFlags = ['--expose-gc', '--import', fileURLToPath(new URL('./inside.ts', import.meta.url))]
  const child = spawn(process.execPath, [...flags, ...(options.inside ? insideFlags : []), options.script], {
    env: { ...process.env, ...options.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit', ...(options.inside ? (['ipc'] as const) : [])],
  })
  // Idle connections are closed long before the server does: one that it closes as a call is sent would fail that call.
  const newAgent = () => new Agent({ keepAlive: true, maxSockets: 256, timeout: 20_000 })
  let agent = newAgent()
  const call = (method: string, path: string, headers: Record<string, string>, body: string) =>
    exchange({ agent, port, method, path, headers, body })
  await untilReady(child, () => call('GET', options.readyPath, {}, ''))
  const url = `http://127.0.0.1:${port}`
  const keys = new Map<number, KeyedClient>()
  const credential = async (
    client: number,
    { method, path, body }: WireCall,
  ): Promise<Record<string, string>> => {
    const keyed = keys.get(client)
    if (keyed) return await keyed.headers(method, `${url}${path}`, body)
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
    dialect: options.dialect,
    send: async (client, wire, gzip = false) => {
      const headers = {
        ...wire.headers,
        ...(await credential(client, wire)),
        ...(gzip ? { 'accept-encoding': 'gzip' } : {}),
      }
      const { status, text } = await call(wire.method, wire.path, headers, wire.body)
      if (status >= 300) throw new Error(`${options.name} answered ${status}: ${text.slice(0, 500)}`)
      return text
    },
    reconnect: () => {
      agent.destroy()
      agent = newAgent()
    },
    memory: () => (child.pid === undefined ? Number.NaN : memoryOf(child.pid)),
    inside: async () => {
      if (!options.inside) throw new Error(`${options.name} was not started with inside`)
      const answer = once(child, 'message')
      child.send('inside')
      return ((await answer) as [Inside])[0]
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
        headers: method === 'GET' ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
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
    // Bare servers and peers have no health endpoint of ours; any answer shows that they listen.
    if (status > 0 && status !== 503) return
    if (attempt > 6000) throw new Error('the server was not ready in time')
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
