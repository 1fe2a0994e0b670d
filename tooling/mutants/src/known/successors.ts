import type { KnownMutant } from './known-mutant.ts'

const services = (path: string): string => `packages/services/src/${path}`
const ADD = services('sync/add-successors.ts')
const INPUTS = 'packages/db/src/log/recommendation-inputs.ts'
const SUCCESSORS = [services('sync/add-successors.pg.test.ts')]
const AT_ONCE = [services('sync/successors-at-once.pg.test.ts')]

/** Mistakes in what the server computes when a playbook changes. */
export const SUCCESSOR_MUTANTS: readonly KnownMutant[] = [
  {
    name: 'successor-of-a-replaced-one',
    breaks: 'REC-16: what is replaced gets no further successor',
    file: ADD,
    find: ' || replaced.has(recommendationId)) return undefined',
    replace: ') return undefined',
    tests: SUCCESSORS,
  },
  {
    name: 'successor-of-what-arrives-is-lost',
    breaks: 'REC-18: a recommendation that arrives late gets its successor',
    file: ADD,
    find: 'if (row) await replaceAffected(',
    replace: 'if (!row) await replaceAffected(',
    tests: SUCCESSORS,
  },
  {
    name: 'successor-of-what-came-in-between-is-lost',
    breaks: 'REC-19: a recommendation that comes in while a change is under way is not missed',
    file: ADD,
    find: "set.guards.push({ kind: 'pending', id: playbookId, revision: newest })",
    replace: '',
    tests: AT_ONCE,
  },
  {
    name: 'version-that-came-in-between-is-missed',
    breaks: 'REC-19: a change that comes in while a recommendation is under way is not missed',
    file: ADD,
    find: "for (const id of ids) set.guards.push({ kind: 'playbook', id, revision: found.get(id) ?? null })",
    replace: '',
    tests: AT_ONCE,
  },
  {
    name: 'successor-without-its-own-weather',
    breaks: 'REC-16: a successor is computed from the own weather of the recommendation',
    file: ADD,
    find: 'weather: weather.get(weatherFeaturesId),',
    replace: 'weather: undefined,',
    tests: SUCCESSORS,
  },
  {
    name: 'successors-in-any-workspace',
    breaks: 'GUA-7: a change of a playbook affects the recommendations of its own workspace',
    file: INPUTS,
    find: 'const OPEN = `FROM recommendations WHERE workspace_id = $1 AND',
    replace: "const OPEN = `FROM recommendations WHERE $1 <> '' AND",
    tests: SUCCESSORS,
  },
  {
    name: 'silent-successor',
    breaks: 'REC-21: a successor says how the one before was decided on',
    file: ADD,
    find: 'if (decided.length > 0) await noteDecisions(write, decided, active)',
    replace: '',
    tests: SUCCESSORS,
  },
  {
    name: 'recommendation-of-an-earlier-build-not-found',
    breaks: 'REC-16: what an earlier build stores during a rolling upgrade is found by a change too',
    file: 'prisma/functions/50_commit.sql',
    find: 'coalesce(x.ends, fieldsync_window_end(x.document::json))',
    replace: 'x.ends',
    tests: SUCCESSORS,
  },
  {
    name: 'offset-of-an-earlier-build-ignored',
    breaks: 'REC-16: the end of a window is an instant, whatever its offset',
    file: 'prisma/functions/50_commit.sql',
    find: "|| '60000000')",
    replace: "|| '0')",
    tests: SUCCESSORS,
  },
]
