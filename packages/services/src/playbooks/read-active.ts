import type { Playbook, PlaybookId } from '@fieldsync/contracts'
import { type Queryable, readPlaybooks, readPlaybookVersion } from '@fieldsync/db'
import type { ActivePlaybook } from '@fieldsync/domain'

// What is stored was a parsed Playbook, so it is one.
const asPlaybook = (text: string): Playbook => JSON.parse(text) as Playbook

/** The active version of a playbook, for a decision on it under the workspace's lock. */
export async function readActive(
  connection: Queryable,
  workspaceId: string,
  playbookId: PlaybookId,
): Promise<ActivePlaybook | undefined> {
  const [row] = await readPlaybooks(connection, workspaceId, [playbookId])
  return row && { document: asPlaybook(row.document), retired: row.retired }
}

/** An earlier version of it, if it is stored. */
export async function readVersion(
  connection: Queryable,
  workspaceId: string,
  playbookId: PlaybookId,
  version: number,
): Promise<Playbook | undefined> {
  const text = await readPlaybookVersion(connection, workspaceId, playbookId, version)
  return text === undefined ? undefined : asPlaybook(text)
}
