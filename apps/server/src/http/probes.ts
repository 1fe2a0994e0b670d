import type { ServerResponse } from 'node:http'

import type { NotReady } from '@fieldsync/services'

import type { AnswerFirst } from './cors.ts'

/** A server's phase, and in the middle one what it asks about its readiness. */
type Phase = 'starting' | 'draining' | Started
type Started = {
  readonly check: () => Promise<Found | undefined>
  readonly detail: () => Readonly<Record<string, string>>
}

/** Why requests should be sent elsewhere. */
type Found = { readonly reason: NotReady['reason'] | 'starting' | 'draining'; readonly message?: string }

const RETRY_SECONDS = 2

/**
 * `/livez` and `/readyz` (MON-6, MON-7), answered from the first moment to the last. The first says only that the process
 * answers: a restart cures nothing else. The second says whether requests should be sent here.
 */
export class Probes {
  #phase: Phase = 'starting'
  readonly #onChange: (reason: string | undefined, message: string) => void
  #last: string | undefined = 'starting'

  /** @param onChange is called when the reason of not being ready changes, undefined for ready */
  constructor(onChange: (reason: string | undefined, message: string) => void) {
    this.#onChange = onChange
  }

  /** The start is complete; from now on `check` decides. @param detail what else the answer says, whatever was decided */
  started(check: Started['check'], detail: Started['detail'] = () => ({})): void {
    this.#phase = { check, detail }
    this.#noted(undefined, '')
  }

  /** Whether the start is complete, and no stop was asked for. */
  get isStarted(): boolean {
    return typeof this.#phase !== 'string'
  }

  /** Not ready any more, whatever the database says. */
  draining(): void {
    this.#phase = 'draining'
    this.#noted('draining', 'the server is shutting down')
  }

  readonly answer: AnswerFirst = (request, response) => {
    const [path] = (request.url ?? '').split('?', 1)
    if (path !== '/livez' && path !== '/readyz') return false
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      send(response, 405, { status: 'method_not_allowed' }, { allow: 'GET, HEAD' })
    } else if (path === '/livez') send(response, 200, { status: 'live' })
    else void this.#ready(response)
    return true
  }

  async #ready(response: ServerResponse): Promise<void> {
    const found = await this.notReady()
    const detail = typeof this.#phase === 'string' ? {} : this.#phase.detail()
    if (!found) send(response, 200, { status: 'ready', ...detail })
    else
      send(
        response,
        503,
        { status: 'not_ready', reason: found.reason, ...detail },
        { 'retry-after': String(RETRY_SECONDS) },
      )
  }

  /** Why requests should be sent elsewhere; undefined where they should not. */
  async notReady(): Promise<Found | undefined> {
    const phase = this.#phase
    if (typeof phase === 'string') return { reason: phase }
    const found = await phase.check()
    if (this.#phase === phase) this.#noted(found?.reason, found?.message ?? '')
    return found
  }

  #noted(reason: string | undefined, message: string): void {
    if (reason === this.#last) return
    this.#last = reason
    this.#onChange(reason, message)
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed) return
  const text = JSON.stringify(body)
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(text)
}
