import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { AnswerFirst } from './cors.ts'
import { bind } from './http-server.ts'

/** A port for monitors alone: it answers while the server starts, and until the last moment of its drain. */
export type MonitorServer = AsyncDisposable & { readonly address: AddressInfo }

/**
 * Listens for monitors. What none of `answers` takes is 404.
 * @throws ListenError when the address is in use, not local or not permitted.
 */
export async function listenForMonitors(
  host: string,
  port: number,
  answers: readonly AnswerFirst[],
): Promise<MonitorServer> {
  const server = createServer((request, response) => {
    if (!answers.some((answer) => answer(request, response))) response.writeHead(404).end()
  })
  const address = await bind(server, host, port, 'METRICS_PORT')
  return {
    address,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
