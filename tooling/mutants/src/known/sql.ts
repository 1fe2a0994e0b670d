import type { KnownMutant } from './known-mutant.ts'

const PAGE = 'prisma/functions/30_page.sql'
const DEVICE_STATE = 'prisma/functions/40_device_state.sql'
const COMMIT = 'prisma/functions/50_commit.sql'
const sync = (...names: string[]): string[] =>
  names.map((name) => `packages/services/src/sync/${name}.pg.test.ts`)

/** Mistakes in the functions of the database. The comparison with the model server is left out: it finds by luck. */
export const SQL_MUTANTS: readonly KnownMutant[] = [
  {
    name: 'page-ends-before-own-writes',
    breaks: 'CUR-6: the cursor stands behind what the answer acknowledges',
    file: PAGE,
    find: 'THEN fitting.last_record ELSE p_end END AS ends_at',
    replace: 'THEN fitting.last_record ELSE p_upto END AS ends_at',
    tests: sync('cursor', 'downstream', 'restore'),
  },
  {
    name: 'head-of-cursor-before-own-writes',
    breaks: 'CUR-6: a backup without the own writes refuses the cursor of a page that ended before them',
    file: PAGE,
    find: `substr(fieldsync_cursor_text(c.secret, p_end), 5) FROM log_commits c
          WHERE c.workspace_id = p_workspace AND c.last_position >= p_end ORDER`,
    replace: `substr(fieldsync_cursor_text(c.secret, p_upto), 5) FROM log_commits c
          WHERE c.workspace_id = p_workspace AND c.last_position >= p_upto ORDER`,
    tests: sync('cursor', 'downstream', 'restore'),
  },
  {
    name: 'deletions-beyond-the-page',
    breaks: 'DWN: a deletion arrives with the page that its position is in, not before',
    file: PAGE,
    find: 't.position <= least(page.ends_at, p_upto)',
    replace: 't.position <= p_upto',
    tests: sync('cursor', 'downstream'),
  },
  {
    name: 'own-playbook-change-not-sent-back',
    breaks: 'DWN: the playbook that the caller changed comes with the answer',
    file: PAGE,
    find: 'AND (p.position <= page.ends_at OR p.position > p_upto)',
    replace: 'AND p.position <= page.ends_at',
    tests: sync('downstream', 'apply-batch', 'conflicts'),
  },
  {
    name: 'page-over-its-bytes',
    breaks: 'DWN: a page ends with the record that reaches the limit of bytes',
    file: PAGE,
    find: 'sum(k.bytes) OVER so_far - k.bytes < p_max_bytes AS fits',
    replace: 'true AS fits',
    tests: [...sync('downstream'), 'packages/services/src/lists/page-bytes.pg.test.ts'],
  },
  {
    name: 'rights-not-checked-again',
    breaks: 'ACC: a batch of a device whose rights changed while it was decided is not written',
    file: COMMIT,
    find: 'd.device_id = p_device AND d.epoch = p_epoch AND d.revoked_at IS NULL',
    replace: 'd.device_id = p_device',
    tests: [
      ...sync('apply-batch', 'batch-transaction'),
      'packages/services/src/access/remembered-caller.pg.test.ts',
    ],
  },
  {
    name: 'moved-time-keeps-revision-of-observation',
    breaks: 'OBS: a decision made on the draft before its time moved is decided again',
    file: COMMIT,
    find: 'UPDATE observations o SET time_micros = x.time, revision = o.revision + 1',
    replace: 'UPDATE observations o SET time_micros = x.time',
    tests: sync('concurrent-edits', 'batch-transaction'),
  },
  {
    name: 'moved-time-keeps-revision-of-recommendation',
    breaks: 'REC: a decision made on the recommendation before its time moved is decided again',
    file: COMMIT,
    find: 'UPDATE recommendations r SET time_micros = x.time, revision = r.revision + 1',
    replace: 'UPDATE recommendations r SET time_micros = x.time',
    tests: sync('concurrent-edits', 'batch-transaction'),
  },
  {
    name: 'observation-changed-on-any-revision',
    breaks: 'OBS: an observation that changed after it was read is decided again',
    file: COMMIT,
    find: 'k.observation_id = x.id AND k.revision = x.revision OFFSET 0',
    replace: 'k.observation_id = x.id OFFSET 0',
    tests: sync('concurrent-edits', 'batch-transaction'),
  },
  {
    name: 'recommendation-changed-on-any-revision',
    breaks: 'REC: a recommendation that changed after it was read is decided again',
    file: COMMIT,
    find: 'k.recommendation_id = x.id AND k.revision = x.revision OFFSET 0',
    replace: 'k.recommendation_id = x.id OFFSET 0',
    tests: sync('concurrent-edits', 'batch-transaction'),
  },
  {
    name: 'unwritten-row-not-guarded',
    breaks: 'REC: an observation that a recommendation was decided on is as it was when both are stored',
    file: COMMIT,
    find: "WHEN 'observation' THEN (SELECT o.revision FROM observations o WHERE o.workspace_id = p_workspace AND o.observation_id = g.id)",
    replace: "WHEN 'observation' THEN g.revision",
    tests: sync('concurrent-edits', 'batch-transaction'),
  },
  {
    name: 'forged-cursor-accepted-by-a-batch',
    breaks: 'CUR: a batch with a cursor that this server did not make is refused',
    file: COMMIT,
    find: 'WHERE fieldsync_cursor_text(owner.secret, p_position) = p_cursor;\n    IF NOT FOUND THEN outcome',
    replace: 'WHERE owner.secret IS NOT NULL;\n    IF NOT FOUND THEN outcome',
    tests: sync('cursor', 'restore'),
  },
  {
    name: 'other-request-under-a-known-key',
    breaks: 'IDM: another request under the same key is a conflict',
    file: COMMIT,
    find: "IF v_wrong THEN outcome := 'key_conflict'; response := NULL; RETURN; END IF;",
    replace: '',
    tests: sync('idempotency', 'idempotency-parallel'),
  },
  {
    name: 'batch-known-by-its-key-only',
    breaks: 'IDM: a batch that comes again under another key, with its syncId, is answered as before',
    file: COMMIT,
    find: `        UNION ALL
        SELECT e.request_sha256, e.response FROM sync_events e
          WHERE e.workspace_id = p_workspace AND e.device_id = p_device AND e.operation = p_operation
            AND e.sync_id IN (p_key, p_sync_id)
`,
    replace: '',
    tests: sync('idempotency', 'idempotency-parallel'),
  },
  {
    name: 'conflict-that-comes-again-stays-resolved',
    breaks: 'CNF: a conflict that comes again is open again',
    file: COMMIT,
    find: 'DO UPDATE SET last_seen_at = excluded.last_seen_at, resolved_at = NULL, resolved_as = NULL;',
    replace: 'DO UPDATE SET last_seen_at = excluded.last_seen_at;',
    tests: sync('work-queue', 'conflicts'),
  },
  {
    name: 'conflict-resolved-by-any-device',
    breaks: 'CNF: a device resolves its own conflicts only',
    file: DEVICE_STATE,
    find: 'AND c.device_id = p_device AND c.resolved_at IS NULL',
    replace: 'AND c.resolved_at IS NULL',
    tests: sync('work-queue', 'conflicts', 'device-state'),
  },
  {
    name: 'older-metadata-of-a-device-wins',
    breaks: 'DEV: metadata with an older time is ignored',
    file: DEVICE_STATE,
    find: 'CASE WHEN s.metadata_micros >= excluded.metadata_micros THEN s.metadata ELSE excluded.metadata END',
    replace: 'excluded.metadata',
    tests: sync('device-state', 'apply-batch'),
  },
  {
    name: 'state-hash-with-a-part-of-the-log',
    breaks: 'HSH: only the last page has the state hash',
    file: COMMIT,
    find: "CASE WHEN v_down.has_more THEN '' ELSE ',\"stateHash\"",
    replace: "CASE WHEN false THEN '' ELSE ',\"stateHash\"",
    tests: sync('state-hash', 'downstream'),
  },
  {
    name: 'state-hash-stands-still',
    breaks: 'HSH: the state hash follows every write',
    file: COMMIT,
    find: 'ELSE fieldsync_combine(v_head.state_hash, p_state_delta) END;',
    replace: 'ELSE v_head.state_hash END;',
    tests: sync('state-hash'),
  },
  {
    name: 'correction-history-can-be-rewritten',
    breaks: 'AUD-9: corrections are append only',
    file: 'prisma/functions/60_append_only.sql',
    find: 'BEFORE UPDATE OR DELETE OR TRUNCATE ON observation_corrections',
    replace: 'BEFORE TRUNCATE ON observation_corrections',
    tests: ['packages/db/src/roles.pg.test.ts', 'packages/services/src/audit/tamper.pg.test.ts'],
  },
]
