import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { systemClock } from '@fieldsync/services'
import express from 'express'

import type { ApiOptions, RateKey } from '../core/api-options.ts'
import { memoryTaken } from '../core/memory-budget.ts'
import { createApi } from '../create-api.ts'

/** The API on a loopback port of its own. */
export type ApiServer = AsyncDisposable & {
  readonly url: string
  readonly port: number
  /** What was logged, oldest first. */
  readonly log: { readonly level: 'warn' | 'error'; readonly fields: Record<string, unknown> }[]
  /** The budgets that were used, oldest first. */
  readonly spent: { readonly key: RateKey; readonly points: number }[]
}

export type ApiServerOptions = Pick<ApiOptions, 'runtime' | 'verbs'> & Partial<ApiOptions>

/** Starts the API in an Express app over `node:http`, as the server does. */
export async function startApi(options: ApiServerOptions): Promise<ApiServer> {
  const log: ApiServer['log'] = []
  const spent: ApiServer['spent'] = []
  const app = express().use(
    createApi({
      clock: systemClock,
      version: '0.0.0-test',
      logger: {
        warn: (fields) => log.push({ level: 'warn', fields }),
        error: (fields) => log.push({ level: 'error', fields }),
      },
      rateLimiter: {
        consume: (key, points) => {
          spent.push({ key, points })
          return { ok: true }
        },
      },
      ...options,
    }),
  )
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    log,
    spent,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      // An answer that is cut off closes a few turns of the event loop later.
      for (let turn = 0; memoryTaken() > 0 && turn < 1000; turn++) await nextTurn()
      if (memoryTaken() > 0) throw new Error(`requests have left ${memoryTaken()} bytes taken`)
    },
  }
}
