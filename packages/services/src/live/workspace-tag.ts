import { createHmac } from 'node:crypto'

/** A workspace as servers name it to each other: every role of a database may listen to its notices, so never by id. */
export const workspaceTag = (pepper: Buffer, workspaceId: string): string =>
  createHmac('sha256', pepper).update(`live ${workspaceId}`).digest().subarray(0, 16).toString('base64url')
