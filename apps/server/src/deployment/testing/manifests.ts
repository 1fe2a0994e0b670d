import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { parseAllDocuments } from 'yaml'
import { z } from 'zod'

const FOLDER = path.resolve(import.meta.dirname, '../../../../../deploy/kubernetes')
const Manifest = z.looseObject({ apiVersion: z.string(), kind: z.string() })

/** One object of the Kubernetes example. */
export type Manifest = z.infer<typeof Manifest>

/** Every object in the files of the Kubernetes example. */
export const MANIFESTS: readonly Manifest[] = readdirSync(FOLDER).flatMap((name) =>
  parseAllDocuments(readFileSync(path.join(FOLDER, name), 'utf8')).map((document) =>
    Manifest.parse(document.toJS()),
  ),
)

/** @throws Error unless there is exactly one object of that kind */
export function manifest(kind: string): Manifest {
  const [found, ...others] = MANIFESTS.filter((each) => each.kind === kind)
  if (found === undefined || others.length > 0) throw new Error(`not exactly one ${kind}`)
  return found
}
