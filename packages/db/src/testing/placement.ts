import { readFileSync } from 'node:fs'
import path from 'node:path'

const PAGE = 'docs/operations/beyond-one-machine.md'
const ROOT = path.resolve(import.meta.dirname, '../../../..')

/** Where a table would be in a database that is divided by workspace, unless it is divided itself. */
export type Placement = 'reference' | 'local'

/** The tables that are not divided by workspace, as the page about it lists them. */
export function undividedTables(): ReadonlyMap<string, Placement> {
  const page = readFileSync(path.join(ROOT, PAGE), 'utf8')
  const rows = page.matchAll(/^\| `(\w+)` \| (reference|local) \| \S.* \|$/gm)
  return new Map([...rows].map(([, table = '', placement]) => [table, placement as Placement]))
}

/** What to do about a table, for the message of a test. */
export const WHAT_TO_DO = `put workspace_id into it, or list its table with the reason in ${PAGE}`
