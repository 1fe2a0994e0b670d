import { defineConfig } from 'vitest/config'

import { chromiumPath } from './scripts/setup/chromium.mjs'
import {
  hasBubblewrap,
  hasInstalledPostgres,
  hasPatroni,
  hasSqlCipher,
} from './scripts/setup/installed-programs.mjs'
import { LongFilesFirst } from './scripts/setup/test-order.ts'
import { nodePackage } from './scripts/setup/toolchain.mjs'

const SKIPPED = ['**/node_modules/**', '.tools/**', '**/dist/**']
// Tests of failover, poolers and an encrypted store, which need more than comes with the project.
const INSTALLED = hasInstalledPostgres() ? [] : ['**/*.installed.pg.test.ts']
const PATRONI = hasPatroni() ? [] : ['apps/server/src/system/patroni.soak.ts']
const SANDBOXED = hasBubblewrap() ? [] : ['apps/server/src/deployment/runtime-tree.installed.pg.test.ts']
const ENCRYPTED = hasSqlCipher() ? [] : ['packages/sync-engine/**/*.installed.test.ts']
// Journeys of several people through the console, days in the field app, and servers and databases that are started and
// killed: `npm run test:long`, which the gate runs too.
const LONG_JOURNEYS = [
  'apps/web/src/{audit,checkpoints,console,first-person,grants,people,people-grants,provider,publishing,recommendations,second-factor,services,settings,wipe}.e2e.ts',
  'apps/mobile/src/{enrollment,field-day,new-version}.e2e.ts',
]
const LONG_ON_POSTGRES = [
  'apps/server/src/process-tests/{beside-a-server,client,client-recommendations,external-database,pgbouncer.installed,refused-start,stopping,tracing}.pg.test.ts',
  'apps/server/src/system/{backup,drain,jobs,keys-behind-proxies,kill-database,kill-server,memory,metrics,pepper-rotation,restore-drill,weather-outage,workers,writers-and-readers}.pg.test.ts',
  'apps/server/src/system/devices/devices-on-real-server.pg.test.ts',
  'packages/client/src/{server-connection,device-key/rotate-key}.pg.test.ts',
  'packages/db/src/connection/primary.installed.pg.test.ts',
  'packages/services/src/write/failover.installed.pg.test.ts',
  '{packages/services/src/sync,apps/server/src/system}/{read,failing}-replica.installed.pg.test.ts',
]
// Minutes each, or further variants of what a test above shows: `npm run soak` alone.
const DRILLS = [
  'apps/server/src/deployment/{documented-commands,runtime-tree.installed}.pg.test.ts',
  'apps/server/src/process-tests/first-start.pg.test.ts',
  'apps/server/src/system/{failover.installed,go-back,scheduled-backups}.pg.test.ts',
  'packages/db/src/archive/restore-to-instant.pg.test.ts',
]
const DRILLED_JOURNEYS = [
  'apps/web/src/{browser-key,people-workspaces}.e2e.ts',
  'apps/mobile/src/{connections,day,mixed-builds,recommendations,trouble,wipe}.e2e.ts',
]
// Projects outside the workspace, which are installed from the npm registry: `npm run packages -- --check`.
const OUTSIDE = 'tooling/packages/src/projects/*.test.ts'
const POSTGRES = ['packages/db/src/testing/global-setup.ts']

export default defineConfig({
  test: {
    // One more than a small machine has processors: a test with a database or a server waits half of its time.
    maxWorkers: 3,
    sequence: { sequencer: LongFilesFirst },
    // No file leaves state behind that another would see; isolating each would cost a third of the time.
    isolate: false,
    testTimeout: 15_000,
    hookTimeout: 30_000,
    teardownTimeout: 30_000,
    // What a page shows soon may take longer on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['**/*.test.ts'],
          exclude: [...SKIPPED, ...ENCRYPTED, OUTSIDE, '**/*.pg.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'pg',
          include: ['**/*.pg.test.ts'],
          exclude: [...SKIPPED, ...INSTALLED, ...LONG_ON_POSTGRES, ...DRILLS],
          globalSetup: POSTGRES,
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['**/*.e2e.ts'],
          env: { CHROMIUM_PATH: chromiumPath() ?? '' },
          exclude: [...SKIPPED, ...LONG_JOURNEYS, ...DRILLED_JOURNEYS],
          globalSetup: POSTGRES,
          // A page that starts at the same time as others is slow.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: [...LONG_ON_POSTGRES, ...(chromiumPath() === undefined ? [] : LONG_JOURNEYS)],
          env: { CHROMIUM_PATH: chromiumPath() ?? '' },
          exclude: [...SKIPPED, ...INSTALLED],
          globalSetup: POSTGRES,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'packages',
          include: [OUTSIDE],
          env: { CHROMIUM_PATH: chromiumPath() ?? '', NODE_PACKAGE: nodePackage() ?? '' },
          exclude: SKIPPED,
          globalSetup: [...POSTGRES, 'tooling/packages/src/testing/pack-setup.ts'],
          // npm downloads what a project needs, and compilers check it with all its libraries.
          testTimeout: 10 * 60_000,
          hookTimeout: 10 * 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'soak',
          // The system tests, the simulators and the generated input of `npm test`, for many more rounds.
          include: [
            '**/*.soak.ts',
            'apps/server/src/system/*.pg.test.ts',
            ...DRILLS,
            ...(chromiumPath() === undefined ? [] : DRILLED_JOURNEYS),
            'packages/api/src/model-server.pg.test.ts',
            'packages/services/src/access/forged.test.ts',
            'packages/contracts/src/validation/generated-input.test.ts',
          ],
          env: { SOAK_ROUNDS: process.env['SOAK_ROUNDS'] ?? '20', CHROMIUM_PATH: chromiumPath() ?? '' },
          exclude: [...SKIPPED, ...INSTALLED, ...PATRONI, ...SANDBOXED],
          globalSetup: POSTGRES,
          testTimeout: 30 * 60_000,
          // The installation of a project outside the workspace.
          hookTimeout: 30 * 60_000,
        },
      },
    ],
  },
})
