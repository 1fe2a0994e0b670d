import path from 'node:path'

import { bundlePage, type PageServer, servePage } from '@fieldsync/testkit/browser'

/** Serves the page that has the store and its suite; `.e2e.ts` files open it in tabs. */
export async function serveStorePage(): Promise<PageServer> {
  const bundle = await bundlePage(path.join(import.meta.dirname, 'store-page.ts'), {
    vitest: path.join(import.meta.dirname, 'vitest-in-page.ts'),
  })
  return servePage(bundle)
}
