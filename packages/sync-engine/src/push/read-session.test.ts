import { describe, expect, it } from 'vitest'

import { readSession } from './read-session.ts'

const UID = 'wsu_6f1c0a4be77d4b9d8a52c0f3e1d2b3a4'
const body = {
  contractVersion: '1.5.0',
  workspace: { workspaceUid: UID, name: 'Yolo Farm' },
  deviceId: 'dev_anna',
}
const read = (json: unknown, status = 200, contract?: string) =>
  readSession({ status, body: JSON.stringify(json), ...(contract !== undefined && { contract }) })
const refused = (code: string) => ({
  requestId: 'r',
  timestamp: '2026-02-11T18:00:00Z',
  error: { code, message: 'no', retryable: false, traceId: '0' },
})

describe('what a server says of itself', () => {
  const said = { contract: '1.5.0', workspaceUid: UID, workspaceName: 'Yolo Farm', deviceId: 'dev_anna' }
  it.each<[string, object, string | undefined, object]>([
    ['is taken as it is', body, undefined, said],
    ['in its body comes before the header of its answer', body, '1.6.0', said],
    [
      'in the header counts where the body says nothing',
      { ...body, contractVersion: undefined },
      '1.6.0',
      { ...said, contract: '1.6.0' },
    ],
    [
      'counts as 1.3.0 where nothing announces it',
      { ...body, contractVersion: undefined },
      undefined,
      { ...said, contract: '1.3.0' },
    ],
    ['may be no version at all', { ...body, contractVersion: 5 }, 'newest', { ...said, contract: '1.3.0' }],
    [
      'may leave out who its workspace is',
      { ...body, workspace: {} },
      undefined,
      { ...said, workspaceUid: null, workspaceName: null },
    ],
    [
      'may name its workspace in a form that is not known here',
      { ...body, workspace: { workspaceUid: 7, name: 'Yolo Farm' } },
      undefined,
      { ...said, workspaceUid: null },
    ],
  ])('[ENG-31, SHP-10] %s', (_, json, contract, session) => {
    expect(read(json, 200, contract)).toEqual({ kind: 'session', session })
  })

  it.each([200, 299])('[ENG-31] with status %i is a session', (status) => {
    expect(read(body, status)).toMatchObject({ kind: 'session' })
  })

  it.each([null, [], {}, { ...body, workspace: undefined }, { ...body, deviceId: 5 }])(
    '[ENG-31] is broken where it is no session: %j',
    (json) => {
      expect(read(json)).toEqual({ kind: 'broken', problem: 'what answers is not a Fieldsync server' })
    },
  )

  it.each([100, 199, 300, 404, 500])('[ENG-31] is broken with a bare %i, whatever it holds', (status) => {
    expect(read(body, status)).toEqual({ kind: 'broken', problem: `the answer was a bare ${status}` })
  })

  it('[ENG-31] is nothing at a server from before sessions, which is 1.3.0', () => {
    const session = { contract: '1.3.0', workspaceUid: null, workspaceName: null, deviceId: null }
    expect(read(refused('NOT_FOUND'), 404)).toEqual({ kind: 'session', session })
  })

  it('[ENG-31] is a refusal where it refuses', () => {
    expect(read(refused('FORBIDDEN'), 403)).toMatchObject({ kind: 'refusal', refusal: { code: 'FORBIDDEN' } })
  })
})
