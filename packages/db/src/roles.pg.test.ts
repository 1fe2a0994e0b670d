import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { connectionUrl } from './embedded/connection-url.ts'
import { testDatabase } from './testing/index.ts'

const database = await testDatabase()

async function attempt(url: string, text: string): Promise<string> {
  const client = new pg.Client(url)
  try {
    await client.connect()
    await client.query(text)
    return 'done'
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? '') : String(error)
  } finally {
    await client.end()
  }
}

const PRIVILEGE = '42501'

describe('ensureRoles', () => {
  it('lets only the owner create tables', async () => {
    expect(await attempt(database.ownerUrl, 'CREATE TABLE made (id int)')).toBe('done')
    expect(await attempt(database.appUrl, 'CREATE TABLE unwanted (id int)')).toBe(PRIVILEGE)
    expect(await attempt(database.appUrl, 'CREATE TEMPORARY TABLE unwanted (id int)')).toBe(PRIVILEGE)
    expect(await attempt(database.appUrl, 'CREATE SCHEMA unwanted')).toBe(PRIVILEGE)
  })

  it('gives the application nothing on a table unless it is granted', async () => {
    expect(await attempt(database.ownerUrl, 'CREATE TABLE closed (id int)')).toBe('done')
    expect(await attempt(database.appUrl, 'SELECT * FROM closed')).toBe(PRIVILEGE)
  })

  it('makes no role that could raise itself', async () => {
    expect(await attempt(database.ownerUrl, 'CREATE ROLE another')).toBe(PRIVILEGE)
    expect(await attempt(database.ownerUrl, 'CREATE DATABASE another')).toBe(PRIVILEGE)
  })

  it('keeps other roles out of the database', async () => {
    const role = `stranger_${process.pid}`
    expect(await attempt(database.superuserUrl, `CREATE ROLE ${role} LOGIN PASSWORD 'p'`)).toBe('done')
    const url = connectionUrl(database.superuserUrl, { user: role, password: 'p' })
    expect(await attempt(url, 'SELECT 1')).toBe(PRIVILEGE)
    expect(await attempt(database.superuserUrl, `DROP ROLE ${role}`)).toBe('done')
  })
})

describe('grantApplication', () => {
  const application = new pg.Client({ connectionString: database.appUrl })
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
})
