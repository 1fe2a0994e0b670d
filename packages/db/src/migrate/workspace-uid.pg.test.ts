import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

import { testDatabase } from '@fieldsync/testkit'
import pg from 'pg'
import { expect, it } from 'vitest'

const MIGRATIONS = new URL('../../../../prisma/migrations/', import.meta.url)

it('[OPS-20] the uid of an existing workspace follows from its audit chain, so that every copy of it has the same', async () => {
  const { ownerUrl } = await testDatabase({ empty: true })
  const names = (await readdir(MIGRATIONS)).filter((name) => /^\d/.test(name)).sort()
  const sql = (name: string) => readFile(new URL(`${name}/migration.sql`, MIGRATIONS), 'utf8')
  const owner = new pg.Client(ownerUrl)
  await owner.connect()
  try {
    for (const name of names.filter((each) => each < '20261129')) await owner.query(await sql(name))
    const first = 'a1'.repeat(32)
    await owner.query(
      `INSERT INTO workspaces VALUES ('ws_old', 'Old', 'UTC', now()), ('ws_bare', 'Bare', 'UTC', now())`,
    )
    await owner.query(
      `INSERT INTO audit_entries VALUES ('ws_old', 1, $1, '{}', now()), ('ws_old', 2, $2, '{}', now())`,
      [first, 'b2'.repeat(32)],
    )
    const uidMigration = names.find((name) => name.endsWith('workspace_uid')) ?? ''
    await owner.query(await sql(uidMigration))
    const { rows } = await owner.query<{ id: string; uid: string }>(
      'SELECT workspace_id AS id, workspace_uid AS uid FROM workspaces ORDER BY 1 DESC',
    )
    const derived = createHash('sha256').update(`fieldsync.workspace-uid.v1\n${first}`).digest('hex')
    expect(rows[0]).toEqual({ id: 'ws_old', uid: `wsu_${derived.slice(0, 32)}` })
    expect(rows[1]?.uid).toMatch(/^wsu_[0-9a-f]{32}$/)
  } finally {
    await owner.end()
  }
})
