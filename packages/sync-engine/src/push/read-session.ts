import { readContractVersion, UNANNOUNCED_CONTRACT_VERSION, WorkspaceUid } from '@fieldsync/contracts'
import { z } from 'zod'

import type { BatchAnswer } from '../core/ports.ts'
import { parseJson, readRefusal, type Refusal } from './read-answer.ts'

/** What a server says of itself and of the caller. */
export type ServerSession = {
  /** What it speaks; {@link UNANNOUNCED_CONTRACT_VERSION} where it announces nothing. */
  contract: string
  /** Null at a server from before contract 1.4.0. */
  workspaceUid: string | null
  workspaceName: string | null
  /** Whose credential it was. Null where the server does not say. */
  deviceId: string | null
}

export type ReadSession =
  | { kind: 'session'; session: ServerSession }
  | { kind: 'refusal'; refusal: Refusal }
  | { kind: 'broken'; problem: string }

// Read loosely: what an older server leaves out is absent, and what a newer one adds is passed over (SHP-10).
const SessionBody = z.object({
  contractVersion: z.unknown().optional(),
  workspace: z.object({
    workspaceUid: WorkspaceUid.optional().catch(undefined),
    name: z.string().optional(),
  }),
  deviceId: z.string(),
})

/** Reads an answer to `session.get`, of a server of any version (ENG-31). */
export function readSession({ status, body, contract }: BatchAnswer): ReadSession {
  const json = parseJson(body)
  if (status >= 200 && status < 300) {
    const parsed = SessionBody.safeParse(json)
    if (!parsed.success) return { kind: 'broken', problem: 'what answers is not a Fieldsync server' }
    const { contractVersion, workspace, deviceId } = parsed.data
    const announced = readContractVersion(contractVersion) ?? readContractVersion(contract)
    return {
      kind: 'session',
      session: {
        contract: announced ?? UNANNOUNCED_CONTRACT_VERSION,
        workspaceUid: workspace.workspaceUid ?? null,
        workspaceName: workspace.name ?? null,
        deviceId,
      },
    }
  }
  const refusal = readRefusal(json)
  if (!refusal) return { kind: 'broken', problem: `the answer was a bare ${status}` }
  // A server from before sessions (1.2.0 and older) announces nothing either.
  if (refusal.code !== 'NOT_FOUND') return { kind: 'refusal', refusal }
  const session = {
    contract: UNANNOUNCED_CONTRACT_VERSION,
    workspaceUid: null,
    workspaceName: null,
    deviceId: null,
  }
  return { kind: 'session', session }
}
