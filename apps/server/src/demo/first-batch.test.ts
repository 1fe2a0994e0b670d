import { SyncBatchRequest } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { curlLine, firstBatch } from './first-batch.ts'

const NOW = new Date('2026-02-11T18:00:00.123Z')

it('[RUN-7] the first batch keeps the contract', () => {
  expect(SyncBatchRequest.safeParse(firstBatch('dev_demo_1', NOW)).error?.issues).toBeUndefined()
})

it('[RUN-7] the curl line is one line that a shell accepts unchanged', () => {
  const line = curlLine('http://127.0.0.1:8787', { deviceId: 'dev_demo_1', token: 'fsd_abc' }, NOW)
  expect(line).not.toContain('\n')
  const quoted = [...line.matchAll(/'([^']*)'/g)].map((match) => match[1])
  expect(quoted).toHaveLength(4)
  expect(JSON.parse(quoted[3] ?? '')).toMatchObject({ device: { deviceId: 'dev_demo_1' } })
  expect(quoted[0]).toBe('X-Device-Token: fsd_abc')
})
