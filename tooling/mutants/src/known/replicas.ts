import type { KnownMutant } from './known-mutant.ts'

const REPLICAS = 'packages/db/src/replica/read-replicas.ts'
const SERVER = 'packages/db/src/replica/replica-server.ts'
const PULL = 'packages/db/src/log/pull.ts'
const READS_TEST = ['packages/services/src/sync/read-replica.installed.pg.test.ts']
const FAILING_TEST = ['packages/services/src/sync/failing-replica.installed.pg.test.ts']
const ONE_WORKSPACE_TEST = ['packages/services/src/sync/one-workspace.pg.test.ts']

/** Mistakes with read replicas (REP rules), and with what has to stay in one workspace (DIV-2). */
export const REPLICA_MUTANTS: readonly KnownMutant[] = [
  {
    name: 'replica-of-another-history',
    breaks: 'REP-2: a replica has the entry that the primary has, by its hash',
    file: REPLICAS,
    find: 'AND e.hash = $3)',
    replace: 'AND $3::text IS NOT NULL)',
    tests: FAILING_TEST,
  },
  {
    name: 'replica-behind-its-workspace',
    breaks: 'REP-2: a replica that lacks a write does not hide it',
    file: REPLICAS,
    find: 'return rows[0]?.has ?',
    replace: 'return rows.length > 0 ?',
    tests: READS_TEST,
  },
  {
    name: 'search-of-a-replica-without-its-index',
    breaks: 'REP-2: a search finds what the index at the primary has',
    file: 'packages/services/src/audit/search.ts',
    find: 'indexed: true',
    replace: 'indexed: false',
    tests: READS_TEST,
  },
  {
    name: 'error-of-a-replica-reaches-the-caller',
    breaks: 'REP-4: no call fails because of a replica',
    file: REPLICAS,
    find: '!isFault(error)) throw',
    replace: 'isFault(error)) throw',
    tests: FAILING_TEST,
  },
  {
    name: 'replica-of-another-cluster',
    breaks: 'REP-4: a server of another cluster is not used',
    file: SERVER,
    find: 'own !== system',
    replace: 'own === system',
    tests: FAILING_TEST,
  },
  {
    name: 'promoted-replica-stays-in-use',
    breaks: 'REP-4: a replica that accepts writes is not used',
    file: SERVER,
    find: 'if (!state?.isStandby)',
    replace: 'if (!state)',
    tests: FAILING_TEST,
  },
  {
    name: 'silent-replica-keeps-reads-waiting',
    breaks: 'REP-4: whoever waits for a replica that does not answer is answered by the primary',
    file: SERVER,
    find: 'for (const guard of this.#guards) guard.close(error)',
    replace: 'for (const guard of this.#guards) void guard',
    tests: FAILING_TEST,
  },
  {
    name: 'pulls-of-workspaces-in-one-statement',
    breaks: 'DIV-2: a pull reaches one workspace',
    file: PULL,
    find: 'oneWorkspace\n          ?',
    replace: '!oneWorkspace\n          ?',
    tests: ONE_WORKSPACE_TEST,
  },
]
