import { ErrorEnvelope, SyncBatchResponse } from '@fieldsync/contracts'
import { device, syncBatch, type SyncBatchInput } from '@fieldsync/contracts/testing'

/** A device of a test and the server it calls. */
export type Caller = { readonly url: string; readonly deviceId: string; readonly token: string }

/** One HTTP answer, read whole. */
export type RestAnswer = { readonly status: number; readonly headers: Headers; readonly text: string }

/** Sends a batch as it is; the key is its `syncId` unless given. @throws TypeError when no whole answer comes */
export async function postBatch(
  caller: Caller,
  batch: SyncBatchInput,
  key: string = batch.syncId,
): Promise<RestAnswer> {
  const response = await fetch(`${caller.url}/v1/sync/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key, 'x-device-token': caller.token },
    body: JSON.stringify(batch),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** Whether the answer says that it is a stored one. */
export const isReplay = ({ headers }: RestAnswer): boolean => headers.get('idempotency-replayed') === 'true'

/** The body of an answer that must be 200. */
export function acceptedBody(answer: RestAnswer): SyncBatchResponse {
  if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.text}`)
  return SyncBatchResponse.parse(JSON.parse(answer.text))
}

/** The error of an answer that must be an envelope, and may be no other thing. */
export function refusal(answer: RestAnswer): ErrorEnvelope['error'] {
  if (answer.status < 400) throw new Error(`answered ${answer.status}: ${answer.text}`)
  return ErrorEnvelope.parse(JSON.parse(answer.text)).error
}

/** One page after a cursor. */
export async function pullPage(
  caller: Caller,
  lastKnownServerCursor = '',
  maxDownstream?: number,
): Promise<SyncBatchResponse> {
  const self = device({ deviceId: caller.deviceId })
  return acceptedBody(
    await postBatch(caller, syncBatch({ device: self, lastKnownServerCursor, maxDownstream })),
  )
}

/** Every page after a cursor up to the head. */
export async function pullPages(
  caller: Caller,
  cursor = '',
  maxDownstream?: number,
): Promise<SyncBatchResponse[]> {
  const pages = [await pullPage(caller, cursor, maxDownstream)]
  for (let last = pages[0]; last?.downstream.hasMore; last = pages.at(-1)) {
    if (pages.length > 100_000) throw new Error('paging stands still')
    pages.push(await pullPage(caller, last.serverCursor, maxDownstream))
  }
  return pages
}
