import { testDatabase } from '@fieldsync/testkit'
import pg from 'pg'
import { expect, it } from 'vitest'

import { schemaDiff } from './schema-diff.ts'

const { ownerUrl } = await testDatabase()

it('finds the migrated database equal to prisma/schema.prisma', async () => {
  // A difference means that a migration is missing: npm run migration -- <name>
  expect(await schemaDiff(ownerUrl)).toBe('')
})

it('would notice a column that only the database has', async () => {
  const owner = new pg.Client(ownerUrl)
  await owner.connect()
  await owner.query('ALTER TABLE workspaces ADD COLUMN drifted int')
  expect(await schemaDiff(ownerUrl)).toContain('DROP COLUMN "drifted"')
  await owner.query('ALTER TABLE workspaces DROP COLUMN drifted')
  await owner.end()
})
