import { testDatabase } from '@fieldsync/testkit'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'

const application = new pg.Client({ connectionString: (await testDatabase()).appUrl })
beforeAll(() => application.connect())
afterAll(() => application.end())

// Queried from the catalogs, since the triggers of these tables would refuse a change as well and hide a wrong grant.
it.each(['audit_entries', 'playbook_patches', 'playbook_versions', 'observation_corrections'])(
  "[AUD-9] the application's role may add to and read %s, and nothing else",
  async (table) => {
    const { rows } = await application.query<{ privilege: string }>(
      `SELECT privilege FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege
        WHERE has_table_privilege(current_user, $1::text, privilege)`,
      [table],
    )
    expect(rows.map(({ privilege }) => privilege)).toEqual(['SELECT', 'INSERT'])
  },
)
