import type { TestProject } from 'vitest/node'

import { packPackages, type Tarballs } from '../pack-packages.ts'

declare module 'vitest' {
  interface ProvidedContext {
    tarballs: Tarballs
  }
}

/** Packs the packages once for all tests of a run. */
export default async function packForTests(project: TestProject): Promise<void> {
  project.provide('tarballs', await packPackages())
}
