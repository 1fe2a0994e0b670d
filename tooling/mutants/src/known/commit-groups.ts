import type { KnownMutant } from './known-mutant.ts'

const COMMIT = 'prisma/functions/50_commit.sql'
const GROUP = 'packages/services/src/core/commit-group.ts'
const QUEUE = 'packages/services/src/core/commit-queue.ts'
const GROUPS_TEST = ['packages/services/src/write/commit-groups.pg.test.ts']
const SHARING_TEST = ['packages/services/src/core/commit-group.test.ts']

/** Mistakes with writes that share a transaction, also of several workspaces (BAT-1). */
export const COMMIT_GROUP_MUTANTS: readonly KnownMutant[] = [
  {
    name: 'rows-of-a-refused-write-stay',
    breaks: 'BAT-1: of a write that is refused in a group nothing is stored',
    file: COMMIT,
    find: `string_to_table(p_new_observation_documents, E'\\x1e')
            ) AS x(w, i, id, device, status, bytes, time, search, document)
            WHERE x.w = ANY (v_open);`,
    replace: `string_to_table(p_new_observation_documents, E'\\x1e')
            ) AS x(w, i, id, device, status, bytes, time, search, document)
            ON CONFLICT DO NOTHING;`,
    tests: GROUPS_TEST,
  },
  {
    name: 'audit-entry-in-the-chain-of-another-workspace',
    breaks: 'AUD-5, GUA-7: a write of a group is in the chain of its own workspace',
    file: COMMIT,
    find: 'SELECT v_workspaces[g], v_seqs[g], v_hashes[g], v_bodies[g], v_nows[g] FROM unnest(v_done) AS g;',
    replace:
      'SELECT v_workspaces[v_done[1]], v_seqs[g] + g, v_hashes[g], v_bodies[g], v_nows[g] FROM unnest(v_done) AS g;',
    tests: GROUPS_TEST,
  },
  {
    name: 'one-chain-for-all-workspaces-of-a-group',
    breaks: 'AUD-5: an entry follows the last one of its own workspace',
    file: COMMIT,
    find: 'h := v_of[w];',
    replace: 'h := 1;',
    tests: GROUPS_TEST,
  },
  {
    name: 'writes-of-a-group-at-the-same-positions',
    breaks: 'CUR-1: of one workspace, a write of a group begins where the one before it ends',
    file: COMMIT,
    find: 'n_position[h] := v_ends[w]; n_seq[h]',
    replace: 'n_position[h] := greatest(n_position[h], v_position[h] + v_takes[w]); n_seq[h]',
    tests: GROUPS_TEST,
  },
  {
    name: 'edits-behind-the-pages-that-they-leave',
    breaks:
      'CUR-3, HSH-3: a record that a write of a group moves in the log is on the page of the one before it',
    file: GROUP,
    find: 'if (changes) this.#round(part.round).unshift(call)\n    else this.#round',
    replace: 'this.#round',
    tests: [...SHARING_TEST, ...GROUPS_TEST],
  },
  {
    name: 'edits-of-one-workspace-in-one-round',
    breaks:
      'CUR-3, HSH-3: of two edits that share a transaction, the page of the first is as it was before the second',
    file: GROUP,
    find: 'part.round++',
    replace: '',
    tests: GROUPS_TEST,
  },
  {
    name: 'acknowledged-before-the-common-commit',
    breaks: 'GUA-1: no write of a group is acknowledged before all are durable',
    file: QUEUE,
    find: 'const outcomes = await this.#db.monitor.write(() => commitGroup(this.#db.pool, group, { wait }))',
    replace: `const outcomes = this.#db.monitor.write(() => commitGroup(this.#db.pool, group, { wait })).catch(() => [])
    if (group.length > 1) return group.map(() => ({ outcome: 'done' as const, response: '{"downstream":{}}' }))
    return await outcomes
  }
  async #unused(members: readonly Member[], outcomes: Awaited<ReturnType<typeof commitGroup>>, started: number) {`,
    tests: GROUPS_TEST,
  },
  {
    name: 'held-workspace-keeps-the-room-of-others',
    breaks: 'GUA-7: a head row that another transaction holds keeps no other workspace waiting',
    file: QUEUE,
    find: "const held = await this.#carryOut(group.members, { wait: this.#scope === 'workspace' })",
    replace: 'const held = await this.#carryOut(group.members, { wait: true })',
    tests: GROUPS_TEST,
  },
  {
    name: 'writes-on-one-record-share-a-group',
    breaks: 'BAT-1: two writes on one record never share a transaction',
    file: GROUP,
    find: 'if (touches.some((id) => part.touched.has(id))) return false',
    replace: '',
    tests: [...SHARING_TEST, 'packages/services/src/write/commit-together.pg.test.ts'],
  },
  {
    name: 'writes-under-one-key-share-a-group',
    breaks: 'BAT-1, IDM-4: two writes of one device, and so under one key, never share a transaction',
    file: GROUP,
    find: ' || part.devices.has(deviceId)',
    replace: '',
    tests: [...SHARING_TEST, 'packages/services/src/write/commit-together.pg.test.ts'],
  },
  {
    name: 'group-falls-with-one-of-its-writes',
    breaks: 'BAT-1: where the database cannot carry out a group, each of its writes is tried alone',
    file: QUEUE,
    find: 'else again.push(...members)',
    replace: 'else for (const { call } of members) call.reject(error)',
    tests: ['packages/services/src/write/commit-together.pg.test.ts'],
  },
]
