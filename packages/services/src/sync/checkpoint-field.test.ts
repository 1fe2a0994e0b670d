import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import type { ServiceContext } from '../core/context.ts'
import type { ReportingCall } from '../core/runtime.ts'
import { checkpointField } from './checkpoint-field.ts'

/** A call by contract 1.7.0 to a server that answers with this field, and what it was asked for. */
function call(answerField?: (call: ReportingCall) => string) {
  const runtime = { checkpoints: answerField && { answerField } }
  const actor = { workspaceId: WorkspaceId.parse('ws_one'), deviceId: DeviceId.parse('dev_one') }
  return { actor, request: { contract: '1.7.0' }, runtime } as unknown as ServiceContext
}

describe('[AUD-32] the checkpoint of an answer', () => {
  it('follows from who calls, by which contract, and which checkpoint the device reports', () => {
    const asked: ReportingCall[] = []
    const ctx = call((each) => (asked.push(each), ',"checkpoint":"note"'))
    const report = { pending: 0, conflicts: 0, quarantined: 0, checkpoint: 'reported' }
    expect(checkpointField(ctx, { report })).toBe(',"checkpoint":"note"')
    const caller = { workspaceId: 'ws_one', deviceId: 'dev_one', contract: '1.7.0' }
    expect(checkpointField(ctx, { report: undefined })).toBe(',"checkpoint":"note"')
    expect(asked).toEqual([
      { ...caller, reported: 'reported' },
      { ...caller, reported: undefined },
    ])
  })

  it('is none where the server takes no part in checkpoints', () => {
    expect(checkpointField(call(), {})).toBe('')
  })
})
