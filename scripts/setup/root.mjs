import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
/** What set-up fetched for itself; git ignores it and deleting it is always safe. */
export const tools = path.join(root, '.tools')
