import { SyncBatchRequest, SyncBatchResponse } from '@fieldsync/contracts'
import { device, syncBatch } from '@fieldsync/testkit'

import { generateScript } from '../../script/generate/generate-script.ts'
import { type Called, ScriptRun } from '../../script/script-run.ts'
import {
  SCRIPT_LIMITS,
  ScriptClock,
  scriptedModel,
  type ScriptedServer,
} from '../../script/scripted-server.ts'
import type { WorkspaceState } from '../../state/workspace-state.ts'
import { acknowledged } from '../answer-guarantees.ts'
import { serverGuarantees } from '../server-guarantees.ts'

const WORKSPACE = 'ws_a'
const READER = 'dev_reader'

/** A script's run on the model: its first workspace at the end, read in pages as well, and what broke after any step. */
export type Played = { state: WorkspaceState; pages: SyncBatchResponse[]; findings: string[] }

/** Plays a script on the model, and looks at the first workspace after every step. */
export async function playedScript(seed: number): Promise<Played> {
  const script = await generateScript(seed, 40)
  const clock = new ScriptClock()
  const server = scriptedModel({ clock, limits: SCRIPT_LIMITS })
  const run = new ScriptRun(server)
  await run.begin(script)
  let state = await server.state(WORKSPACE)
  const findings: string[] = []
  for (const step of script.steps) {
    clock.advance(step.do === 'wait' ? step.milliseconds : 1)
    const called = await run.perform(step)
    const before = state
    state = await server.state(WORKSPACE)
    findings.push(...serverGuarantees(state, step.do === 'restore' ? undefined : before))
    // What others wrote after it in the same step may have changed a record again.
    if (called.length === 1) findings.push(...called.flatMap((each) => acknowledgedFindings(each, state)))
  }
  return { state, pages: await allPages(server), findings }
}

function acknowledgedFindings({ call, answer }: Called, state: WorkspaceState): string[] {
  const replayed = 'idempotency-replayed' in answer.headers
  if (answer.status !== 200 || replayed || !call.token?.startsWith(`token.${WORKSPACE}.`)) return []
  return acknowledged(read(SyncBatchRequest, call.body), read(SyncBatchResponse, answer.body), state)
}

/** Reads JSON by a schema. */
export const read = <T>(schema: { parse(value: unknown): T }, json: string): T =>
  schema.parse(JSON.parse(json))

async function allPages(server: ScriptedServer): Promise<SyncBatchResponse[]> {
  await server.createDevice({ workspaceId: WORKSPACE, deviceId: READER, role: 'viewer', token: READER })
  const pages: SyncBatchResponse[] = []
  for (let lastKnownServerCursor = ''; ; lastKnownServerCursor = pages.at(-1)?.serverCursor ?? '') {
    const pull = syncBatch({ device: device({ deviceId: READER }), lastKnownServerCursor, maxDownstream: 3 })
    const answer = await server.syncBatch({ token: READER, key: pull.syncId, body: JSON.stringify(pull) })
    pages.push(read(SyncBatchResponse, answer.body))
    if (!pages.at(-1)?.downstream.hasMore) return pages
  }
}
