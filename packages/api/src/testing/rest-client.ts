import { ErrorEnvelope } from '@fieldsync/contracts'

import { TOKEN } from './fake-verbs.ts'

/** One REST answer, read whole. */
export type RestAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

export type RestCall = {
  readonly method?: string
  readonly body?: RequestInit['body']
  readonly headers?: Record<string, string>
}

/** Calls the API as the fake device, with a fresh key and JSON headers where there is a body; headers override. */
export async function rest(url: string, call: RestCall = {}): Promise<RestAnswer> {
  const { body, method = body === undefined ? 'GET' : 'POST' } = call
  const defaults: Record<string, string> = { 'x-device-token': TOKEN }
  if (method === 'POST')
    Object.assign(defaults, { 'content-type': 'application/json', 'idempotency-key': 'key-1' })
  const headers = new Headers({ ...defaults, ...call.headers })
  for (const [name, value] of Object.entries(call.headers ?? {})) if (value === '') headers.delete(name)
  const response = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body, duplex: 'half' }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text === '' ? undefined : JSON.parse(text),
  }
}

/** The envelope of an answer that must be an error. */
export const envelopeOf = (answer: RestAnswer): ErrorEnvelope['error'] => {
  const envelope = ErrorEnvelope.parse(answer.json)
  if (envelope.requestId !== answer.headers.get('x-request-id'))
    throw new Error('two request ids in one answer')
  return envelope.error
}
