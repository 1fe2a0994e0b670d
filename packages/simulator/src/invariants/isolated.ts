import { canonicalText } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import type { DeviceCopy } from '../state/device-copy.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'

/** G7: no device has a record that was held by another workspace and never by its own. */
export function isolated(copies: readonly DeviceCopy[], states: readonly WorkspaceState[]): string[] {
  const everHeld = new Map(states.map((state) => [state.workspaceId, hashesOf(state)]))
  return copies.flatMap(({ device, workspaceId, server }) =>
    [...server].flatMap(([key, record]) => {
      const hash = sha256(canonicalText(record))
      if (everHeld.get(workspaceId)?.has(hash)) return []
      const owner = [...everHeld].find(([, hashes]) => hashes.has(hash))
      return owner ? [`${device} has ${key} of ${owner[0]}`] : []
    }),
  )
}

/** Of every record that was ever held, as the audit tells it. */
const hashesOf = ({ audit }: WorkspaceState): Set<string> =>
  new Set(audit.flatMap(({ chg }) => chg.flatMap(({ after }) => after ?? [])))
