import type { SyncBatchResponse } from '@fieldsync/contracts'
import type { Tab } from '@fieldsync/testkit/browser'

/** From now on the server of this page is one that was restored to before it had the note with these words. */
export async function loseRecord(tab: Tab, words: string): Promise<void> {
  let isRefused = false
  await tab.route('**/v1/sync/batch', async (route) => {
    if (!isRefused) {
      isRefused = true
      const error = { code: 'CURSOR_INVALID', message: 'unknown cursor', retryable: false, traceId: '0' }
      const json = { requestId: 'req_1', timestamp: '2026-02-11T18:00:00.000Z', error }
      return route.fulfill({ status: 409, json })
    }
    const response = await route.fetch()
    // The server's own answer.
    const answer = (await response.json()) as SyncBatchResponse
    const { stateHash: _hash, ...downstream } = answer.downstream
    const observations = downstream.observations.filter(({ rawNoteText }) => !rawNoteText.includes(words))
    return route.fulfill({ response, json: { ...answer, downstream: { ...downstream, observations } } })
  })
}
