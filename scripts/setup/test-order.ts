import path from 'node:path'

import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take more than about five seconds of a processor and are not among the largest, the longest first. */
const LONG = [
  'packages/simulator/src/devices/device-simulator.test.ts',
  'packages/simulator/src/mutants/mutants.test.ts',
  'packages/contracts/src/validation/generated-input.test.ts',
  'packages/sync-engine/src/stores/node-sqlite/kill.test.ts',
  'packages/simulator/src/differential/run-both.test.ts',
  'apps/server/src/system/devices/devices-on-real-server.pg.test.ts',
  'apps/server/src/system/kill-server.pg.test.ts',
  'apps/server/src/process-tests/first-start.pg.test.ts',
  'apps/server/src/system/keys-behind-proxies.pg.test.ts',
  'packages/client/src/device-key/rotate-key.pg.test.ts',
  'apps/server/src/process-tests/stopping.pg.test.ts',
  'apps/server/src/system/memory.pg.test.ts',
  'packages/db/src/embedded/start.pg.test.ts',
  'apps/server/src/process-tests/client.pg.test.ts',
  'apps/server/src/process-tests/witness.pg.test.ts',
  'packages/services/src/write/failover.installed.pg.test.ts',
  'apps/server/src/demo/season/fill-demo.pg.test.ts',
  'apps/server/src/system/drain.pg.test.ts',
]

/**
 * Begins each project with its longest files, so that no worker is left with one of them at the end of the run. What is
 * not listed follows in Vitest's own order: by the last run's times, or by size in a fresh clone.
 */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = LONG.length
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONG.indexOf(path.relative(this.ctx.config.root, moduleId))
      return place < 0 ? rest : place
    }
    const order = await super.sort(files)
    const projects = [...new Set(order.map(({ project }) => project))]
    return projects.flatMap((project) =>
      order.filter((file) => file.project === project).toSorted((a, b) => rank(a) - rank(b)),
    )
  }
}
