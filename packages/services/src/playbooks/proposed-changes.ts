import type { Queryable } from '@fieldsync/db'
import { changesOfPatch, changesOfVersion, type GrantedChange } from '@fieldsync/domain'

import { readVersion } from './read-active.ts'
import type { StoredProposal } from './stored-proposal.ts'

/** What a proposal asks of the rights of whoever decides on it, by the version that it is based on. */
export async function proposedChanges(
  connection: Queryable,
  workspaceId: string,
  { row, proposed, document }: StoredProposal,
): Promise<readonly GrantedChange[]> {
  const { playbookId } = document
  if (proposed.kind === 'creation') return whole('create')
  if (proposed.kind === 'retirement') return whole('delete')
  const base = await readVersion(connection, workspaceId, playbookId, row.baseVersion ?? 0)
  if (!base) throw new Error('the version that a proposal is based on is stored')
  return proposed.kind === 'patch' ? changesOfPatch(base, document) : changesOfVersion(base, document)
}

const whole = (action: 'create' | 'delete'): GrantedChange[] => [
  { path: [], action },
  { path: [], action: 'publish' },
]
