import { device } from '@fieldsync/testkit'

/** What one call sends. */
export type WireCall = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

/** A call before its cursor is known, so that its body is built before the clock starts. */
export type PreparedCall = (cursor: string) => WireCall

/** Of which documents, and whose, a call is. */
export type CallOf = {
  readonly key: string
  readonly deviceId: string
  /** To be stored; none for a pull. */
  readonly observations: readonly { readonly observationId: string }[]
  readonly maxDownstream: number
}

/** How a server is asked to store documents and to send what is new. */
export type Dialect = {
  readonly prepare: (call: CallOf) => PreparedCall
  /** The cursor after an answer. @throws Error for an answer of another form */
  readonly next: (answer: string, cursor: string) => { cursor: string; hasMore: boolean }
}

/** When the phones of the benchmark call. */
const NOW = '2026-02-11T18:00:00.000Z'

/** `POST /v1/sync/batch`, which the ceilings speak, too. */
export const batchDialect = (path: string): Dialect => ({
  prepare: ({ key, deviceId, observations, maxDownstream }) => {
    const head = { syncId: key, requestedAt: NOW, device: device({ deviceId }), maxDownstream }
    const before = `${JSON.stringify(head).slice(0, -1)},"lastKnownServerCursor":"`
    const upserts = { observations, recommendations: [], playbookPatches: [] }
    const after = `","upserts":${JSON.stringify(upserts)}}`
    const headers = { 'content-type': 'application/json', 'idempotency-key': key }
    return (cursor) => ({ method: 'POST', path, headers, body: before + cursor + after })
  },
  next: (answer) => {
    const cursor = /"serverCursor":"([^"]*)"/.exec(answer)?.[1]
    if (cursor === undefined) throw new Error(`an answer without a cursor: ${answer.slice(0, 200)}`)
    return { cursor, hasMore: answer.includes('"hasMore":true') }
  },
})
