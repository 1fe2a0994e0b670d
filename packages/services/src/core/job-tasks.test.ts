import { PlaybookId, WorkspaceId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { JOB_TASKS, jobsOf } from './job-tasks.ts'

const payload = {
  workspaceId: WorkspaceId.parse('ws_one'),
  playbookId: PlaybookId.parse('pbk_one'),
  playbookVersion: 4,
}

describe('the jobs of a write', () => {
  it('[JOB-1, JOB-8] are added with their task and payload, each to be tried ten times', () => {
    const jobs = jobsOf([
      { task: 'recompute', payload },
      { task: 'recompute', payload: { ...payload, before: 12 } },
    ])
    expect(JSON.parse(jobs ?? '')).toEqual([
      { identifier: 'recompute', payload, max_attempts: 10 },
      { identifier: 'recompute', payload: { ...payload, before: 12 }, max_attempts: 10 },
    ])
  })

  it('[JOB-1] are null where there is none', () => {
    expect(jobsOf([])).toBeNull()
  })
})

describe('[JOB-1] the payload of a job that recomputes', () => {
  it('names ids and numbers alone', () => {
    expect(JOB_TASKS.recompute.parse({ ...payload, before: 0 })).toEqual({ ...payload, before: 0 })
  })

  it.each([
    ['a member that this build does not know', { note: 'powder' }],
    ['version 0', { playbookVersion: 0 }],
    ['a position before the log', { before: -1 }],
    ['no workspace', { workspaceId: undefined }],
  ])('with %s is refused', (_, members) => {
    expect(JOB_TASKS.recompute.safeParse({ ...payload, ...members }).success).toBe(false)
  })
})
