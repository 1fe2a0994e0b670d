import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

import type { ServerAnswer } from '@fieldsync/simulator'

/** A batch as received from a device, to be forwarded byte for byte. */
export type WireCall = {
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
  /** The decoded content of the bytes. */
  readonly text: string
}

const PASSED_ON = new Set(['content-type', 'content-encoding', 'idempotency-key'])

/** Reads a complete request. @throws Error when the device aborts it before */
export async function readWireCall(incoming: IncomingMessage): Promise<WireCall> {
  const bytes = await buffer(incoming)
  const packed = incoming.headers['content-encoding'] === 'gzip'
  return { headers: passedOn(incoming.headers), bytes, text: (packed ? gunzipSync(bytes) : bytes).toString() }
}

/** The same call with another body or key. */
export function rewritten(call: WireCall, text: string, key?: string): WireCall {
  const { 'content-encoding': _packed, ...headers } = call.headers
  return {
    headers: key === undefined ? headers : { ...headers, 'idempotency-key': key },
    bytes: Buffer.from(text),
    text,
  }
}

/** A running call: when all of it has been sent, and its answer. */
export type Exchange = { readonly sent: Promise<unknown>; readonly answer: Promise<ServerAnswer> }

/** Sends it on a connection of its own. `answer` rejects when no complete one arrives. */
export function sendWireCall(url: string, { headers, bytes }: WireCall, token: string): Exchange {
  const outgoing = request(`${url}/v1/sync/batch`, {
    method: 'POST',
    agent: false,
    headers: { ...headers, 'x-device-token': token, 'content-length': bytes.length },
  })
  const sent = once(outgoing, 'finish')
  const answer = answerTo(outgoing)
  outgoing.end(bytes)
  return { sent, answer }
}

async function answerTo(outgoing: ReturnType<typeof request>): Promise<ServerAnswer> {
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  const body = await buffer(incoming)
  return { status: incoming.statusCode ?? 0, headers: flat(incoming.headers), body: body.toString() }
}

const passedOn = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(flat(headers)).filter(([name]) => PASSED_ON.has(name)))

const flat = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
