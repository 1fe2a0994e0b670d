import type pg from 'pg'

// Tables in which the application may add rows but never change or remove one.
const APPEND_ONLY = ['audit_entries', 'playbook_patches', 'playbook_versions', 'observation_corrections']

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
    REVOKE UPDATE, DELETE ON ${appendOnly} FROM ${role};
    REVOKE ALL ON _prisma_migrations, _fieldsync_functions FROM ${role};
    GRANT SELECT ON _prisma_migrations, _fieldsync_functions TO ${role};
  `)
}
