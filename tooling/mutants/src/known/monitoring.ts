import type { KnownMutant } from './known-mutant.ts'

const METRICS = ['apps/server/src/system/metrics.pg.test.ts']
const READINESS = ['packages/services/src/health/readiness.pg.test.ts']

/** Mistakes in what a server says of itself. */
export const MONITORING_MUTANTS: readonly KnownMutant[] = [
  {
    name: 'metrics-count-replays-as-batches',
    breaks: 'MON-3: a batch counts its records once, however often it is sent',
    file: 'packages/services/src/sync/apply-batch.ts',
    find: "if (applied && !('refusal' in result || result.replayed))",
    replace: 'if (applied)',
    tests: METRICS,
  },
  {
    name: 'metrics-label-of-the-client',
    breaks: 'MON-2: labels come from closed lists',
    file: 'apps/server/src/metrics/request-metrics.ts',
    find: "return isKnown ? `${major}.${Number(minor)}` : 'other'",
    replace: 'return String(announced)',
    tests: METRICS,
  },
  {
    name: 'metrics-without-their-token',
    breaks: 'MON-1: on the main port a scrape needs the token',
    file: 'apps/server/src/metrics/metrics-endpoint.ts',
    find: 'else if (expected && !timingSafeEqual(expected, digest(authorizationOf(request))))',
    replace: 'else if (expected && authorizationOf(request) === "")',
    tests: METRICS,
  },
  {
    name: 'ready-with-locked-tables',
    breaks: 'MON-7: a server that cannot write a table is not ready',
    file: 'packages/services/src/health/readiness.ts',
    find: '      await checkWritable(db)\n',
    replace: '',
    tests: READINESS,
  },
  {
    name: 'ready-on-an-older-schema',
    breaks: 'MON-7: a server on a database without its migrations is not ready',
    file: 'packages/db/src/writable.ts',
    find: 'if (missing.length > 0)',
    replace: 'if (missing.length > names.length)',
    tests: READINESS,
  },
]
