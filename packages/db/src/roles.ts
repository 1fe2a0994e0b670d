import type pg from 'pg'

import { connectOnce } from './connection/connect.ts'
import { connectionUrl } from './embedded/connection-url.ts'

/** Owns the database and migrates it. */
export const OWNER_ROLE = 'fieldsync_owner'
/** Serves requests; may do only what the migrations grant it. */
export const APP_ROLE = 'fieldsync_app'

const ROLES_LOCK = 72707370

/**
 * Creates the two roles and the database, or updates existing ones (passwords, owner, privileges); calling it again
 * changes nothing. Only the owner may create anything in `public`, and only the two may connect.
 * @returns connection URLs of the database for either role.
 */
export async function ensureRoles(
  superuserUrl: string,
  options: { readonly database: string; readonly ownerPassword: string; readonly appPassword: string },
): Promise<{ ownerUrl: string; appUrl: string }> {
  await withClient(superuserUrl, async (client) => {
    // Servers starting together on one cluster take turns; the lock ends with the session.
    await client.query('SELECT pg_advisory_lock($1)', [ROLES_LOCK])
    await ensureRole(client, OWNER_ROLE, options.ownerPassword)
    await ensureRole(client, APP_ROLE, options.appPassword)
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [options.database])
    const database = client.escapeIdentifier(options.database)
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${database} OWNER ${OWNER_ROLE}`)
    else await client.query(`ALTER DATABASE ${database} OWNER TO ${OWNER_ROLE}`)
    await restrictConnections(client, options.database)
  })
  await withClient(connectionUrl(superuserUrl, { database: options.database }), async (client) => {
    await client.query(`ALTER SCHEMA public OWNER TO ${OWNER_ROLE}`)
    await client.query('REVOKE ALL ON SCHEMA public FROM PUBLIC')
    await client.query(`GRANT USAGE ON SCHEMA public TO ${APP_ROLE}`)
  })
  const { database } = options
  return {
    ownerUrl: connectionUrl(superuserUrl, { database, user: OWNER_ROLE, password: options.ownerPassword }),
    appUrl: connectionUrl(superuserUrl, { database, user: APP_ROLE, password: options.appPassword }),
  }
}

/** Lets only the two roles connect. A copy made from a template does not inherit this. */
export async function restrictConnections(client: pg.Client, databaseName: string): Promise<void> {
  const database = client.escapeIdentifier(databaseName)
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`)
  await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${APP_ROLE}`)
}

async function ensureRole(client: pg.Client, role: string, password: string): Promise<void> {
  const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])
  const verb = found.rowCount === 0 ? 'CREATE' : 'ALTER'
  await client.query(
    `${verb} ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD ${client.escapeLiteral(password)}`,
  )
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  await using connection = await connectOnce({ url, applicationName: 'fieldsync-roles' })
  await work(connection.client)
}

// Tables in which the application may add rows but never change or remove one.
const APPEND_ONLY = [
  'audit_entries',
  'audit_terms',
  'playbook_patches',
  'playbook_versions',
  'observation_corrections',
  'erasures',
]

/**
 * Gives the application's role what it needs on the tables of the migrations, and no more. Idempotent; run by the
 * owner after migrating.
 */
export async function grantApplication(owner: pg.Client, appRole: string): Promise<void> {
  const role = owner.escapeIdentifier(appRole)
  const appendOnly = APPEND_ONLY.join(', ')
  await owner.query(`
    GRANT USAGE ON SCHEMA public TO ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${role};
    REVOKE UPDATE, DELETE ON ${appendOnly}, playbook_grants FROM ${role};
    REVOKE INSERT, UPDATE, DELETE ON audit_beginnings FROM ${role};
    GRANT UPDATE (revoked_at, revoked_by) ON playbook_grants TO ${role};
    REVOKE UPDATE ON audit_personal_values FROM ${role};
    REVOKE DELETE ON playbook_proposals FROM ${role};
    REVOKE ALL ON _prisma_migrations, _fieldsync_functions, _fieldsync_compatibility FROM ${role};
    GRANT SELECT ON _prisma_migrations, _fieldsync_functions, _fieldsync_compatibility TO ${role};
  `)
}
