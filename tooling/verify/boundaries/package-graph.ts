/** What one package may import; nothing else of the workspace, and never around another's public index. */
export type PackageRule = {
  readonly folder: string
  /** Workspace packages its code may import; with a path, only that entry point. `testing` has to be named. */
  readonly imports: readonly string[]
  /** Further ones its tests may import. */
  readonly tests: readonly string[]
  /** Entry points of the package besides its index, as its manifest exports them. */
  readonly subpaths?: readonly string[]
  /**
   * Set for packages that also run in browsers and on phones: the only npm packages their `src` may use. It
   * touches no platform, no clock and no randomness.
   */
  readonly pure?: readonly string[]
  /** The same for packages that also run everywhere, and that supply clock, randomness and network. */
  readonly portable?: readonly string[]
  /** Folders of such a package, below its own, that belong to one platform each. Files of the innermost one count. */
  readonly adapters?: Readonly<Record<string, AdapterRule>>
}

/**
 * What an adapter to a platform may do beyond the rest of its package: take the clock, timers and randomness from the
 * platform. Nothing outside the folder imports from it, since the program that composes the parts chooses it.
 */
type AdapterRule = {
  /** npm packages and, as `node:*`, the platform's own modules. */
  readonly imports: readonly string[]
}

/** The import graph: contracts, then domain, agronomy, db, services, api, server; and beside these sync-engine and client. */
export const PACKAGE_GRAPH: Readonly<Record<string, PackageRule>> = {
  contracts: { folder: 'packages/contracts', imports: [], tests: [], pure: ['zod'], subpaths: ['testing'] },
  domain: {
    folder: 'packages/domain',
    imports: ['contracts'],
    tests: ['contracts/testing'],
    pure: ['zod', 'canonicalize', '@noble/hashes'],
  },
  agronomy: {
    folder: 'packages/agronomy',
    imports: ['contracts', 'domain'],
    tests: ['contracts/testing', 'testkit', 'testkit/browser'],
    pure: ['@noble/hashes'],
  },
  'sync-engine': {
    folder: 'packages/sync-engine',
    imports: ['contracts', 'domain'],
    tests: ['testkit'],
    pure: ['zod', 'ulid', '@noble/hashes'],
    adapters: {
      'src/stores': { imports: [] },
      'src/stores/memory': { imports: [] },
      'src/stores/expo-sqlite': { imports: [] },
      'src/stores/indexeddb': { imports: ['idb'] },
      'src/stores/node-sqlite': { imports: ['node:*'] },
    },
    subpaths: [
      'stores/browser-tabs',
      'stores/expo-sqlite',
      'stores/indexeddb',
      'stores/memory',
      'stores/node-sqlite',
      'testing',
    ],
  },
  'client-examples': {
    folder: 'packages/client/examples',
    imports: ['client', 'client/device-key', 'client/signers/browser', 'contracts', 'sync-engine'],
    tests: [],
  },
  client: {
    folder: 'packages/client',
    imports: ['contracts', 'domain', 'sync-engine', 'api/app-router'],
    tests: ['testkit', 'testkit/browser', 'sync-engine/stores/browser-tabs'],
    portable: ['zod', 'ulid', '@noble/curves', '@noble/hashes', '@trpc/client', 'eventsource-parser'],
    adapters: {
      'src/opened-link': { imports: [] },
      'src/signers/browser': { imports: ['idb'] },
      'src/signers/file': { imports: ['node:*'] },
    },
    subpaths: ['device-key', 'opened-link', 'people', 'signers/browser', 'signers/file', 'signers/software'],
  },
  design: { folder: 'packages/design', imports: [], tests: [], pure: [] },
  messages: {
    folder: 'packages/messages',
    imports: ['contracts', 'domain', 'agronomy'],
    tests: [],
    subpaths: ['testing'],
    portable: ['i18next'],
  },
  db: { folder: 'packages/db', imports: [], tests: [], subpaths: ['testing'] },
  services: {
    folder: 'packages/services',
    imports: ['contracts', 'domain', 'agronomy', 'db'],
    tests: ['testkit'],
  },
  weather: {
    folder: 'packages/weather',
    imports: ['contracts', 'services'],
    tests: ['agronomy'],
    subpaths: ['testing'],
  },
  identity: {
    folder: 'packages/identity',
    imports: ['contracts', 'db', 'services'],
    tests: ['testkit', 'db/testing'],
  },
  api: {
    folder: 'packages/api',
    imports: ['contracts', 'domain', 'services'],
    tests: ['agronomy', 'db', 'identity', 'testkit', 'simulator'],
    subpaths: ['app-router'],
  },
  server: {
    folder: 'apps/server',
    // The last two for the headless device of its command line.
    imports: [
      'contracts',
      'domain',
      'agronomy',
      'db',
      'identity',
      'services',
      'api',
      'client',
      'sync-engine',
      'weather',
    ],
    tests: ['testkit', 'simulator', 'weather/testing'],
  },
  web: {
    folder: 'apps/web',
    imports: [
      'agronomy',
      'client',
      'client/device-key',
      'client/opened-link',
      'client/people',
      'client/signers/browser',
      'contracts',
      'design',
      'domain',
      'messages',
      'sync-engine/stores/browser-tabs',
    ],
    tests: ['testkit', 'testkit/browser', 'messages/testing', 'sync-engine', 'sync-engine/stores/memory'],
  },
  mobile: {
    folder: 'apps/mobile',
    imports: [
      'agronomy',
      'client',
      'client/device-key',
      'client/opened-link',
      'client/signers/browser',
      'client/signers/software',
      'contracts',
      'design',
      'domain',
      'messages',
      'sync-engine',
      'sync-engine/stores/browser-tabs',
      'sync-engine/stores/expo-sqlite',
      'sync-engine/stores/indexeddb',
    ],
    tests: ['testkit', 'messages/testing', 'sync-engine/stores/memory'],
  },
  testkit: {
    folder: 'packages/testkit',
    imports: ['contracts', 'contracts/testing', 'db', 'db/testing'],
    tests: [],
    subpaths: ['browser'],
  },
  simulator: {
    folder: 'packages/simulator',
    imports: [
      'agronomy',
      'contracts',
      'domain',
      'db',
      'sync-engine',
      'sync-engine/stores/memory',
      'sync-engine/testing',
      'testkit',
    ],
    tests: ['sync-engine/stores/indexeddb', 'sync-engine/stores/node-sqlite'],
  },
  bench: {
    folder: 'bench',
    imports: ['contracts', 'domain', 'db', 'sync-engine', 'client', 'testkit', 'testkit/browser'],
    tests: [],
  },
  packages: { folder: 'tooling/packages', imports: [], tests: ['testkit', 'testkit/browser'] },
  mutants: { folder: 'tooling/mutants', imports: [], tests: [] },
  'schema-engine': { folder: 'tooling/schema-engine', imports: ['db'], tests: ['testkit'] },
}

type Adapter = AdapterRule & { readonly folder: string }

/** The innermost adapter folder that contains a file; undefined for a file of the package's pure part. */
export function adapterOf(file: string, rule: PackageRule): Adapter | undefined {
  return Object.entries(rule.adapters ?? {})
    .map(([folder, adapter]): Adapter => ({ ...adapter, folder: `${rule.folder}/${folder}` }))
    .filter(({ folder }) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length)[0]
}
