import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A folder of its own, removed at the end of the block. */
export function temporaryFolder(): Disposable & { readonly path: string; readonly file: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-store-'))
  return {
    path: folder,
    file: path.join(folder, 'store.db'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
