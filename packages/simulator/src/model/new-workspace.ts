import { WorkspaceId } from '@fieldsync/contracts'
import { canonicalText } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import { appendAudit } from './audit.ts'
import type { ModelWorkspace } from './model-state.ts'
import { starterPlaybook } from './starter-playbook.ts'

/** A workspace as it begins: with the starter playbook, whose history before is not known (RUN-6, AUD-7). */
export function newWorkspace(id: string, now: number, identity: number): ModelWorkspace {
  const document = starterPlaybook()
  const workspace: ModelWorkspace = {
    workspaceId: WorkspaceId.parse(id),
    log: [identity],
    observations: new Map(),
    recommendations: new Map(),
    playbooks: new Map([[document.playbookId, { document, position: 1 }]]),
    // A patch on an earlier version overlaps whatever led to this one.
    versions: [{ patchId: null, paths: [''], document }],
    patches: [],
    corrections: [],
    audit: [],
    conflicts: [],
    deleted: new Map(),
    answers: [],
    devices: new Map(),
  }
  appendAudit(workspace, undefined, now, {
    act: 'workspace.create',
    tgt: { type: 'workspace', id },
    chg: [
      {
        type: 'playbook',
        id: document.playbookId,
        kind: 'create',
        before: null,
        after: sha256(canonicalText(document)),
      },
    ],
  })
  return workspace
}
