import { SyncBatchResponse } from '@fieldsync/contracts'
import { device, observation, syncBatch, type SyncBatchOverrides } from '@fieldsync/testkit'

/** A device of a test and where it syncs. */
export type Caller = { readonly url: string; readonly deviceId: string; readonly token: string }

/** Sends a batch; without overrides one new confirmed observation of the caller. */
export async function sync(caller: Caller, overrides?: SyncBatchOverrides): Promise<Response> {
  const { url, deviceId, token } = caller
  const records = overrides ?? { observations: [observation({ deviceId, status: 'confirmed' })] }
  const batch = syncBatch({ device: device({ deviceId }), ...records })
  return fetch(`${url}/v1/sync/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': batch.syncId, 'x-device-token': token },
    body: JSON.stringify(batch),
  })
}

/** Ids of the observations that a pull from the beginning delivers. */
export async function pulledIds(caller: Caller): Promise<string[]> {
  const answer = SyncBatchResponse.parse(await (await sync(caller, {})).json())
  return answer.downstream.observations.map((record) => record.observationId)
}

export async function healthStatus(url: string): Promise<number> {
  const response = await fetch(`${url}/v1/health`)
  await response.arrayBuffer()
  return response.status
}
