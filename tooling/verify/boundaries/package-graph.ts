/** What one package may import; nothing else of the workspace, and never past another's public index. */
export type PackageRule = {
  readonly folder: string
  /** Workspace packages its code may import. */
  readonly imports: readonly string[]
  /** Further ones its tests may import. */
  readonly tests: readonly string[]
  /**
   * Set for packages that also run in browsers and on phones: the only npm packages their `src` may use. It
   * touches no platform, no clock and no randomness.
   */
  readonly pure?: readonly string[]
}

/** The import graph: contracts, then domain, db, services, api, server. */
export const PACKAGE_GRAPH: Readonly<Record<string, PackageRule>> = {
  contracts: { folder: 'packages/contracts', imports: [], tests: ['testkit'], pure: ['zod'] },
  domain: {
    folder: 'packages/domain',
    imports: ['contracts'],
    tests: ['testkit'],
    pure: ['zod', 'canonicalize', '@noble/hashes'],
  },
  'sync-engine': {
    folder: 'packages/sync-engine',
    imports: ['contracts', 'domain'],
    tests: ['testkit'],
    pure: ['zod', 'ulid', '@noble/hashes'],
  },
  db: { folder: 'packages/db', imports: ['contracts', 'domain'], tests: ['testkit'] },
  services: { folder: 'packages/services', imports: ['contracts', 'domain', 'db'], tests: ['testkit'] },
  api: { folder: 'packages/api', imports: ['contracts', 'domain', 'services'], tests: ['db', 'testkit'] },
  server: {
    folder: 'apps/server',
    imports: ['contracts', 'domain', 'db', 'services', 'api'],
    tests: ['testkit'],
  },
  testkit: { folder: 'packages/testkit', imports: ['contracts', 'domain', 'sync-engine', 'db'], tests: [] },
  bench: { folder: 'bench', imports: ['contracts', 'domain', 'db', 'testkit'], tests: [] },
  'schema-engine': { folder: 'tooling/schema-engine', imports: ['db'], tests: ['testkit'] },
}
