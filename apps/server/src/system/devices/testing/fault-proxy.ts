import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

import { alwaysOnline, connectServer } from '@fieldsync/client'
import {
  FaultyLink,
  type LinkFault,
  NoAnswer,
  REDIRECTED_TO,
  type ServerAnswer,
  type WayToServer,
} from '@fieldsync/simulator'
import type { BatchAnswer, Transport } from '@fieldsync/sync-engine'

import type { RealWork } from './real-work.ts'
import { readWireCall, type WireCall } from './wire-call.ts'

/** The server behind the proxy; one that throws {@link NoAnswer} has died during the call. */
export type Upstream = (token: string | undefined, call: WireCall) => Promise<ServerAnswer>

/** A call that a device has started. */
type Call = {
  readonly way: WayToServer
  readonly fault: LinkFault | undefined
  readonly upstream: Upstream
  /** The device waits in real time; it does so until this is called. */
  working: () => void
  /** The device has received the answer, or has aborted. */
  over: boolean
}

const CALL = 'x-simulated-call'

/**
 * Between the devices' own HTTP and the server's: bytes are really received and sent, and link faults in virtual time
 * happen in between. No byte moves while virtual time does, so that a script's run is as reproducible as the server's
 * answers.
 */
export class FaultProxy implements AsyncDisposable {
  readonly #work: RealWork
  readonly #server: Server
  readonly #calls = new Map<string, Call>()
  #started = 0
  #url = ''

  private constructor(work: RealWork) {
    this.#work = work
    this.#server = createServer((request, response) => void this.#receive(request, response))
    // Real time has no influence here.
    this.#server.requestTimeout = 0
    this.#server.keepAliveTimeout = 0
  }

  static async start(work: RealWork): Promise<FaultProxy> {
    const proxy = new FaultProxy(work)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    const address = proxy.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
    proxy.#url = `http://127.0.0.1:${address.port}`
    return proxy
  }

  /** A device's transport through the proxy: the client's own, with its own time limits on the virtual clock. */
  connect(way: WayToServer, upstream: Upstream, session?: WayToServer['session']): Transport {
    let current: Call | undefined
    const { transport } = connectServer({
      url: this.#url,
      clock: way.clock,
      connectivity: alwaysOnline,
      limits: { answerMs: way.timeout, totalMs: way.timeout, slowestBytesPerSecond: Infinity },
      credentials: {
        headers: () => {
          const name = String(++this.#started)
          if (current) this.#calls.set(name, current)
          const token = way.token()
          return { [CALL]: name, ...(token === undefined ? {} : { 'x-device-token': token }) }
        },
        renew: () => Promise.resolve(false),
      },
    })
    const { address } = transport
    const link = new FaultyLink({
      ...way,
      ...(session && { session }),
      server: () => Promise.reject(new NoAnswer()),
    })
    return {
      address,
      // Only the bytes of batches matter here.
      session: () => link.session(),
      syncBatch: async (batch) => {
        const call: Call = { way, upstream, fault: way.nextFault(), working: this.#work.begin(), over: false }
        // Its headers are requested at once.
        current = call
        try {
          return await transport.syncBatch(batch)
        } finally {
          call.over = true
          call.working()
        }
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = String(request.headers[CALL])
    const call = this.#calls.get(name)
    this.#calls.delete(name)
    const wire = await readWireCall(request).catch(() => undefined)
    if (!call || !wire) {
      response.destroy()
      return
    }
    const token = request.headers['x-device-token']
    const answer = this.#carry(call, wire, typeof token === 'string' ? token : undefined, () =>
      this.#cut(call, response),
    )
    call.working()
    const received = await answer.catch(() => undefined)
    if (call.fault?.kind === 'redirected') this.#redirect(call, response)
    else if (received === undefined) this.#cut(call, response)
    else this.#answer(call, response, received)
  }

  /** The call in virtual time, in both directions. */
  #carry(call: Call, wire: WireCall, token: string | undefined, cut: () => void): Promise<BatchAnswer> {
    const { way, fault, upstream } = call
    const link = new FaultyLink({
      ...way,
      token: () => token,
      // Answers are cut here, by the byte.
      nextFault: () => (fault?.kind === 'truncated' ? undefined : fault),
      server: () =>
        this.#work.during(async () => {
          try {
            return await upstream(token, wire)
          } catch (error) {
            // A connection to a server that dies is reset.
            if (error instanceof NoAnswer) cut()
            throw error
          }
        }),
    })
    const { signal } = new AbortController()
    return link.syncBatch({ idempotencyKey: '', body: wire.text, signal })
  }

  #answer(call: Call, response: ServerResponse, { status, body, retryAfterMs }: BatchAnswer): void {
    if (call.over || response.destroyed) return
    call.working = this.#work.begin()
    const bytes = Buffer.from(body)
    const share = call.fault?.kind === 'truncated' ? call.fault.share : 1
    const cut = bytes.subarray(0, Math.floor(bytes.length * share))
    // Half of the truncated answers claim to be complete, as behind a proxy that gave up; the others end in the middle.
    const claimed = cut.length % 2 === 0 ? cut.length : bytes.length
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': claimed,
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(retryAfterMs / 1000) }),
    })
    if (claimed === cut.length) response.end(cut)
    else response.write(cut, () => response.destroy())
  }

  #redirect(call: Call, response: ServerResponse): void {
    if (call.over || response.destroyed) return
    call.working = this.#work.begin()
    response.writeHead(307, { location: REDIRECTED_TO }).end()
  }

  #cut(call: Call, response: ServerResponse): void {
    if (call.over || response.destroyed) return
    call.working = this.#work.begin()
    response.destroy()
  }
}
