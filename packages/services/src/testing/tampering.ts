import { GENESIS } from '@fieldsync/domain'

import { sha256 } from '../core/json-text.ts'
import type { TestWorkspace } from './test-workspace.ts'

/** What only somebody with all rights on the database can do: triggers are off. `:ws` is the workspace. */
export async function tamper(
  { services, workspaceId }: TestWorkspace,
  ...statements: string[]
): Promise<void> {
  const client = await services.superuser.pool.connect()
  try {
    await client.query("SET session_replication_role = 'replica'")
    for (const statement of statements) await client.query(statement.replaceAll(':ws', `'${workspaceId}'`))
  } finally {
    await client.query('RESET session_replication_role')
    client.release()
  }
}

type Row = { readonly seq: number; readonly body: string; readonly hash: string }

/** The rows of a chain in their order. */
export async function chainRows({ services, workspaceId }: TestWorkspace): Promise<Row[]> {
  const { rows } = await services.db.pool.query<{ seq: string; body: string; hash: string }>(
    'SELECT seq, body, hash FROM audit_entries WHERE workspace_id = $1 ORDER BY seq',
    [workspaceId],
  )
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }))
}

/** Rewrites a chain from a row on, with right hashes and a right head: what the chain alone cannot show. */
export async function rewriteChain(workspace: TestWorkspace, from: number, change = renamed): Promise<void> {
  let previous = GENESIS
  const statements: string[] = []
  for (const { seq, body } of await chainRows(workspace)) {
    const text = seq < from ? body : change(body)
    const hash = sha256(`fieldsync.audit.v1\n${previous}\n${text}`)
    statements.push(
      `UPDATE audit_entries SET body = '${text.replaceAll("'", "''")}', hash = '${hash}' WHERE workspace_id = :ws AND seq = ${seq}`,
    )
    previous = hash
  }
  await tamper(
    workspace,
    ...statements,
    `UPDATE workspace_heads SET audit_hash = '${previous}' WHERE workspace_id = :ws`,
  )
}

const renamed = (body: string): string => body.replaceAll('dev_agro_1', 'dev_other')

/** Cuts a chain behind a row, its head with it: what an older copy looks like as well. */
export async function cutChain(workspace: TestWorkspace, last: number): Promise<void> {
  const hash = (await chainRows(workspace)).find(({ seq }) => seq === last)?.hash ?? GENESIS
  await tamper(
    workspace,
    `DELETE FROM audit_entries WHERE workspace_id = :ws AND seq > ${last}`,
    `UPDATE workspace_heads SET audit_seq = ${last}, audit_hash = '${hash}' WHERE workspace_id = :ws`,
  )
}
