import { existsSync } from 'node:fs'
import path from 'node:path'

import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { testDatabase } from '../testing/index.ts'
import { migrate } from './migrate.ts'
import { FUNCTIONS_DIR, readFunctions } from './migration-files.ts'

const { ownerUrl, appUrl } = await testDatabase()
const REPOSITORY = path.resolve(FUNCTIONS_DIR, '../..')
const files = await readFunctions(FUNCTIONS_DIR)
const owner = new pg.Client(ownerUrl)
beforeAll(() => owner.connect())
afterAll(() => owner.end())

/** Functions and triggers of the database, as PostgreSQL writes them out. */
const definitions = async () =>
  (
    await owner.query(`SELECT pg_get_functiondef(oid) AS definition FROM pg_proc WHERE pronamespace = 'public'::regnamespace
      UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1`)
  ).rows

it('[RUN-3] the project has each function in one file, and no other in the database', async () => {
  const sources = files.flatMap(({ sql }) =>
    [...sql.matchAll(/^CREATE OR REPLACE FUNCTION (\w+)/gm)].map(([, name]) => name ?? ''),
  )
  const { rows } = await owner.query<{ name: string }>(
    `SELECT proname AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
  )
  expect(rows.map(({ name }) => name).sort()).toEqual(sources.sort())
})

it.each(files)('$name begins with what calls it', ({ sql }) => {
  const comment = sql.slice(0, sql.indexOf('\n\n'))
  expect(comment).toContain('alled by')
  const paths = [...comment.matchAll(/\bpackages\/[\w./-]+\.ts\b/g)].map(([found]) => found)
  expect(paths.filter((each) => !existsSync(path.join(REPOSITORY, each)))).toEqual([])
})

it('[RUN-3] the files of functions may be applied over what they made', async () => {
  const before = await definitions()
  await owner.query('DELETE FROM _fieldsync_functions')
  expect(await migrate({ ownerUrl })).toEqual(files.map(({ name }) => `functions/${name}`))
  expect(await definitions()).toEqual(before)
})

it('[RUN-3] no function has changed its signature', async () => {
  // An older server beside a newer one calls the functions it knows. Do not change a line: give the function a new name
  // instead, and leave the old one in place for a build ("Changing the database" in CONTRIBUTING.md).
  const { rows } = await owner.query<{ signature: string }>(
    `SELECT proname || '(' || pg_get_function_arguments(oid) || ') ' || pg_get_function_result(oid) AS signature
     FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY proname COLLATE "C"`,
  )
  expect(rows.map(({ signature }) => signature)).toMatchInlineSnapshot(`
    [
      "fieldsync_combine(p_hash text, p_delta text) text",
      "fieldsync_commit(p_workspace text, p_device text, p_epoch integer, p_operation text, p_key text, p_sync_id text, p_request_sha256 text, p_now timestamp with time zone, p_cursor text, p_position bigint, p_max_records integer, p_max_bytes integer, p_guards json, p_moved json, p_new_observations json, p_new_observation_documents text, p_changed_observations json, p_changed_observation_documents text, p_corrections json, p_new_recommendations json, p_new_recommendation_documents text, p_changed_recommendations json, p_changed_recommendation_documents text, p_playbooks json, p_versions json, p_patches json, p_conflicts json, p_positions integer, p_state_delta text, p_secret bytea, p_metadata json, p_metadata_micros bigint, p_report json, p_resolved json, p_audit_prefix text, p_audit_suffix text, p_response_start text, p_response_middle text, p_response_end text, p_counts json, OUT outcome text, OUT response text) record",
      "fieldsync_commit_all(p_wait boolean, p_writes json, p_texts text, p_guards json, p_moved json, p_new_observations json, p_new_observation_documents text, p_changed_observations json, p_changed_observation_documents text, p_corrections json, p_new_recommendations json, p_new_recommendation_documents text, p_changed_recommendations json, p_changed_recommendation_documents text, p_playbooks json, p_versions json, p_patches json, p_conflicts json) TABLE(n integer, outcome text, response text)",
      "fieldsync_contacts(p_workspace text, p_contacts json) integer",
      "fieldsync_cursor(p_workspace text, p_position bigint) text",
      "fieldsync_cursor_text(p_secret bytea, p_position bigint) text",
      "fieldsync_default_grant() trigger",
      "fieldsync_downstream(p_workspace text, p_after bigint, p_upto bigint, p_end bigint, p_max_records integer, p_max_bytes integer) TABLE(playbook text, observations text, recommendations text, rest text, last_position bigint, has_more boolean, cursor text)",
      "fieldsync_erase_history(p_workspace text, p_audit_seq bigint) void",
      "fieldsync_mark(p_workspace text, p_device text, p_metadata json, p_metadata_micros bigint, p_now timestamp with time zone, p_position bigint, p_report json, p_resolved json) void",
      "fieldsync_mark_all(p_workspaces text[], p_devices text[], p_metadata json[], p_metadata_micros bigint[], p_nows timestamp with time zone[], p_positions bigint[], p_reports json[], p_resolved json[]) void",
      "fieldsync_of_one(p_rows json) json",
      "fieldsync_page(p_workspace text, p_after bigint, p_upto bigint, p_end bigint, p_max_records integer, p_max_bytes integer) TABLE(playbook text, rest text, last_record bigint, last_position bigint, has_more boolean, cursor text)",
      "fieldsync_refuse_change() trigger",
      "fieldsync_resolve(p_workspace text, p_device text, p_now timestamp with time zone, p_resolved json) void",
      "fieldsync_window_end(p_recommendation json) bigint",
    ]
  `)
})

it("the application's role reads which build's functions are in force, and changes nothing of it", async () => {
  const application = new pg.Client(appUrl)
  await application.connect()
  try {
    const { rows } = await application.query('SELECT file FROM _fieldsync_functions')
    expect(rows).toHaveLength(files.length)
    await expect(application.query('UPDATE _fieldsync_functions SET build = 0')).rejects.toThrow(
      'permission denied',
    )
  } finally {
    await application.end()
  }
})
