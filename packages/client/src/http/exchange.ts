import type { Clock } from '@fieldsync/sync-engine'

import { NetworkError, redirected, unreachable } from '../errors/network-error.ts'
import { type Fetch, fetchInit, type HttpRequest } from './fetch.ts'
import { redirectOf } from './redirect.ts'
import { CallTimer, type TimeLimits } from './time-limits.ts'

/** A complete answer. `url`: its source, which is another address where redirects were followed. */
export type HttpAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly url: string
}

/**
 * Sends one request and reads its whole answer, whatever its status, within the time limits.
 *
 * @param signal aborts the call
 * @throws NetworkError when no complete answer arrived; `redirected` with the address as the answer gives it
 */
export async function exchange(
  { fetch, clock, limits }: { fetch: Fetch; clock: Clock; limits: TimeLimits },
  request: HttpRequest,
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  // The reason of an abort is stored here: not every platform's signal carries one, nor does every fetch reject with
  // it.
  const call = new AbortController()
  let giveUp = (_error: NetworkError): void => undefined
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp = (error) => {
      reject(error)
      call.abort()
    }
  })
  const onAbort = (): void => giveUp(new NetworkError('aborted', 'The call was aborted.'))
  const timer = new CallTimer(clock, limits, sentBy(request), () =>
    giveUp(new NetworkError('timeout', 'The server did not answer in time.')),
  )
  let forgetHandOver = (): void => undefined
  const answer = async (): Promise<HttpAnswer> => {
    const responding = fetch(request.url, fetchInit(request, call.signal))
    const { onHandedOver } = request
    // A turn of the event loop later the platform has put it on the way, and needs the program no more.
    if (onHandedOver) forgetHandOver = clock.after(0, onHandedOver)
    const response = await responding
    const target = request.followsRedirects ? undefined : redirectOf(response, request)
    if (target !== undefined) {
      void response.body?.cancel().catch(() => undefined)
      throw redirected(target)
    }
    timer.answered()
    const text = await readText(response, (bytes) => timer.received(bytes))
    return { status: response.status, headers: response.headers, text, url: response.url }
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  try {
    return await Promise.race([givenUp, call.signal.aborted ? givenUp : answer()])
  } catch (error) {
    throw unreachable(error)
  } finally {
    timer.stop()
    forgetHandOver()
    signal?.removeEventListener('abort', onAbort)
  }
}

const sentBy = ({ body, indivisible = false }: HttpRequest) => ({ bytes: body?.length ?? 0, indivisible })

/** Not every platform streams a body; there its announced length has to suffice. */
async function readText(response: Response, onBytes: (count: number) => void): Promise<string> {
  const { body } = response
  if (!body) {
    onBytes(Number(response.headers.get('content-length') ?? 0))
    return await response.text()
  }
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    onBytes(value.length)
    text += decoder.decode(value, { stream: true })
  }
}
