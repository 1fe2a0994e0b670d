import type { KnownMutant } from './known-mutant.ts'

/** Mistakes in how the server is put together, and in what its process holds. */
export const SERVER_MUTANTS: readonly KnownMutant[] = [
  {
    name: 'any-trusted-proxy-trusts-all',
    breaks: 'the address of a caller is not the one that the caller writes into a header',
    file: 'apps/server/src/http/app.ts',
    find: "app.set('trust proxy', options.trustProxy ?? false)",
    replace: "app.set('trust proxy', options.trustProxy !== undefined)",
    tests: ['apps/server/src/process-tests/trusted-proxies.pg.test.ts'],
  },
  {
    name: 'trusted-proxies-not-passed-on',
    breaks: 'the address of a caller behind a trusted proxy is its own',
    file: 'apps/server/src/lifecycle/run-server.ts',
    find: 'trustProxy: env.trustProxy,',
    replace: 'trustProxy: undefined,',
    tests: ['apps/server/src/process-tests/trusted-proxies.pg.test.ts'],
  },
  {
    name: 'secret-open-to-a-group',
    breaks: 'RUN-5: nobody but the owner may read a secret',
    file: 'apps/server/src/secrets/secret-file.ts',
    find: '& 0o077',
    replace: '& 0o007',
    tests: ['apps/server/src/secrets/secret-file.test.ts'],
  },
  {
    name: 'api-in-a-frame',
    breaks: 'no page may show an answer of the API in a frame',
    file: 'apps/server/src/http/security-headers.ts',
    find: `{ 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] }`,
    replace: `{ 'default-src': ["'none'"] }`,
    tests: ['apps/server/src/http/app.test.ts'],
  },
  {
    name: 'memory-for-a-request-that-is-gone',
    breaks: 'ERR-19: memory of a request is given back',
    file: 'packages/api/src/core/memory-budget.ts',
    find: ' || res.closed',
    replace: '',
    tests: ['packages/api/src/core/memory-budget.test.ts'],
  },
  {
    name: 'second-credential-not-verified',
    breaks: 'ACC-2: both credentials verify, also where the first one is remembered',
    file: 'packages/services/src/access/authenticate.ts',
    find: 'if (tokens.length > 1) return',
    replace: 'if (tokens.length > 1 && !fromMemory) return',
    tests: ['packages/services/src/access/authenticate.pg.test.ts'],
  },
  {
    name: 'commit-queue-never-dropped',
    breaks: 'a workspace that is not written to takes no memory',
    file: 'packages/services/src/core/workspace-queue.ts',
    find: 'if (turns.users === 0) this.#turns.delete(workspaceId)',
    replace: '',
    tests: ['packages/services/src/write/commit-together.pg.test.ts'],
  },
  {
    name: 'device-states-not-stored-at-the-end',
    breaks: 'DEV-2: what a pull said of its device is stored, also when the server stops',
    file: 'packages/services/src/core/runtime.ts',
    find: 'this.deviceStates.flush(),',
    replace: 'undefined,',
    tests: ['apps/server/src/process-tests/stopping.pg.test.ts'],
  },
  {
    name: 'runtime-not-closed',
    breaks: 'DEV-2: what a pull said of its device is stored, also when the server stops',
    file: 'apps/server/src/lifecycle/run-server.ts',
    find: 'runtime.close().catch(',
    replace: 'Promise.resolve().catch(',
    tests: ['apps/server/src/process-tests/stopping.pg.test.ts'],
  },
  {
    name: 'connection-that-cannot-roll-back-is-used-again',
    breaks: 'RUN-9: a lock ends with its transaction',
    file: 'packages/db/src/transaction.ts',
    find: `catch(() => {
      broken = true
    })`,
    replace: 'catch(() => undefined)',
    tests: ['packages/db/src/transaction.pg.test.ts'],
  },
]
