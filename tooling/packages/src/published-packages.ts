import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { z } from 'zod'

export const REPOSITORY = path.resolve(import.meta.dirname, '../../..')
/** Where the tarballs are written; git ignores it. */
export const TARBALLS = path.join(REPOSITORY, '.data/packages')

/** The packages that a program outside this workspace can install, each after those that it depends on. */
export const PUBLISHED = ['contracts', 'domain', 'sync-engine', 'client'] as const
export type PublishedName = (typeof PUBLISHED)[number]

const PublishedManifest = z.object({
  name: z.string(),
  version: z.string(),
  /** Subpath to TypeScript source, as the workspace resolves it. */
  exports: z.record(z.string(), z.string()),
  publishConfig: z.object({
    /** Subpath to built files, as in the tarball. Subpaths that are missing here, such as `./testing`, are not published. */
    exports: z.record(z.string(), z.object({ types: z.string(), default: z.string() })),
  }),
})
export type PublishedManifest = z.infer<typeof PublishedManifest>

export const folderOf = (name: PublishedName): string => path.join(REPOSITORY, 'packages', name)

export async function readManifest(name: PublishedName): Promise<PublishedManifest> {
  return PublishedManifest.parse(
    JSON.parse(await readFile(path.join(folderOf(name), 'package.json'), 'utf8')),
  )
}
