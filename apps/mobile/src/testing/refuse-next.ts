import { gunzipSync } from 'node:zlib'

import { CONTRACT_HEADER, CONTRACT_VERSION } from '@fieldsync/contracts'
import type { Tab } from '@fieldsync/testkit/browser'

/** The next batch with these words in it meets a server that finds fault with what the contract of now allows. */
export async function refuseNext(tab: Tab, words: string, path: string, message: string): Promise<void> {
  const error = { code: 'VALIDATION_ERROR', message: 'no', retryable: false, traceId: '0' }
  const json = {
    requestId: 'req_1',
    timestamp: '2026-02-11T18:00:00.000Z',
    error: { ...error, details: { issues: [{ path, message }] } },
  }
  const batches = '**/v1/sync/batch'
  await tab.route(batches, async (route) => {
    const request = route.request()
    const sent = request.postDataBuffer() ?? Buffer.alloc(0)
    const body = request.headers()['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
    if (!body.includes(words)) return route.continue()
    await route.fulfill({ status: 400, json, headers: { [CONTRACT_HEADER]: CONTRACT_VERSION } })
    return tab.unroute(batches)
  })
}
