import { describe, it } from 'vitest'

import { LOCAL_STORE_CASES } from './local-store-cases.ts'
import { runStoreCase, type StoreHarness } from './store-case.ts'

/** The suite that makes an adapter one of this project's stores. */
export function describeLocalStore(name: string, harness: StoreHarness): void {
  describe(`${name} is a local store`, () => {
    it.each(LOCAL_STORE_CASES)('$title', (testCase) => runStoreCase(testCase, harness))
  })
}
