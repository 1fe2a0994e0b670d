import { Playbook, SyncBatchResponse } from '@fieldsync/contracts'

import { HOME } from '../devices/device-server.ts'
import { pageCursorOf } from '../model/downstream.ts'
import type { ModelServer } from '../model/model-server.ts'
import type { ModelWorkspace } from '../model/model-state.ts'
import type { ServerAnswer } from '../server-call.ts'
import type { Mutant } from './mutant.ts'

/** Changes what the server holds after each new batch with records that it took. */
const afterBatch = (
  name: string,
  change: (workspace: ModelWorkspace, answer: SyncBatchResponse, body: string) => void,
): Mutant => ({
  name,
  server: (serve, model) => (call) => {
    const answer = serve(call)
    const response = read(answer)
    if (response && isNew(answer) && sends(call.body))
      inState(model, (workspace) => change(workspace, response, call.body))
    return answer
  },
})

/** Changes what the server answers. */
const inAnswer = (
  name: string,
  change: (response: SyncBatchResponse, workspace: () => ModelWorkspace) => SyncBatchResponse,
): Mutant => ({
  name,
  server: (serve, model) => (call) => {
    const answer = serve(call)
    const response = read(answer)
    return response ? { ...answer, body: JSON.stringify(change(response, () => copyOf(model))) } : answer
  },
})

/** Mistakes of a server. */
export const SERVER_MUTANTS: readonly Mutant[] = [
  {
    name: 'a replay has its effect a second time',
    server: (serve, model) => (call) => {
      const answer = serve(call)
      if (read(answer) && !isNew(answer)) {
        inState(model, ({ audit }) => {
          const before = audit.findLast(({ act }) => act === 'sync.batch')
          if (before) audit.push({ ...before, seq: audit.length + 1 })
        })
      }
      return answer
    },
  },
  inAnswer('the cursor is off by one', (response, workspace) => {
    const held = workspace()
    const position = held.log.findIndex((_, i) => pageCursorOf(held, i + 1) === response.serverCursor) + 1
    const next = Math.min(held.log.length, position + 1)
    return response.downstream.hasMore ? { ...response, serverCursor: pageCursorOf(held, next) } : response
  }),
  inAnswer('the last record of a page is left out', (response) => {
    const { downstream } = response
    return { ...response, downstream: { ...downstream, observations: downstream.observations.slice(0, -1) } }
  }),
  inAnswer('a refused record counts as accepted', (response) => {
    const [conflict, ...conflicts] = response.conflicts
    if (conflict?.entityType !== 'observation') return response
    const { observations, ...others } = response.acceptedCounts
    return { ...response, conflicts, acceptedCounts: { ...others, observations: observations + 1 } }
  }),
  afterBatch('an audit entry is lost', ({ audit }) => {
    if (audit.length % 5 === 0) audit.pop()
  }),
  afterBatch('the audit leaves out a change', ({ audit }) => {
    const last = audit.pop()
    if (last) audit.push({ ...last, chg: last.chg.slice(1) })
  }),
  afterBatch('a stale write is accepted', ({ observations, conflicts }) => {
    for (const { code, incoming } of conflicts) {
      if (code !== 'OBSERVATION_STALE_WRITE' || !('rawNoteText' in incoming)) continue
      const held = observations.get(incoming.observationId)
      if (held) observations.set(incoming.observationId, { ...held, record: incoming })
    }
  }),
  afterBatch('a playbook version is skipped', ({ versions, playbooks }) => {
    const last = versions.at(-1)
    if (!last || last.document.version !== 5) return
    const document = Playbook.parse({ ...last.document, version: last.document.version + 1 })
    last.document = document
    const active = playbooks.get(document.playbookId)
    if (active) active.document = document
  }),
  afterBatch('what was acknowledged is lost', ({ observations, log }) => {
    const [first] = observations.keys()
    if (first !== undefined && log.length > 6) observations.delete(first)
  }),
  afterBatch('confirmed content changes without a correction', ({ observations }) => {
    for (const held of observations.values()) {
      if (held.record.status === 'draft') continue
      held.record = { ...held.record, rawNoteText: 'quietly changed' }
      return
    }
  }),
  afterBatch('a status goes back', ({ observations }) => {
    for (const held of observations.values()) {
      if (held.record.status === 'logged') held.record = { ...held.record, status: 'confirmed' }
    }
  }),
]

const sends = (body: string): boolean =>
  !body.includes('"upserts":{"observations":[],"recommendations":[],"playbookPatches":[]}')

const isNew = ({ headers }: ServerAnswer): boolean => headers['idempotency-replayed'] === undefined

const read = ({ status, body }: ServerAnswer): SyncBatchResponse | undefined =>
  status === 200 ? SyncBatchResponse.parse(JSON.parse(body)) : undefined

function copyOf(model: ModelServer): ModelWorkspace {
  const workspace = model.backup().state.workspaces.get(HOME)
  if (!workspace) throw new Error('the server has its workspace')
  return workspace
}

function inState(model: ModelServer, change: (workspace: ModelWorkspace) => void): void {
  const backup = model.backup()
  const workspace = backup.state.workspaces.get(HOME)
  if (workspace) change(workspace)
  model.restore(backup)
}
