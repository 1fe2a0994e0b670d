import type { Breach, PatchOperation } from '@fieldsync/contracts'

import { pathsOverlap } from './paths-overlap.ts'

/** A breach by a patch: `path` leads to its operation, `pointer` to the value of the playbook that would break. */
export type PatchBreach = Breach & { readonly pointer: string }

/** A breach of the resulting playbook, attributed to the last operation that touches the path (CNF-7). */
export function breachAt(operations: readonly PatchOperation[], breach: Breach): PatchBreach {
  const { path: pointer, message } = breach
  const index = operations.findLastIndex(({ path }) => pathsOverlap([path], [pointer]))
  return {
    ...breach,
    path: index < 0 ? '/operations' : `/operations/${index}`,
    message: `${pointer}: ${message}`,
    pointer,
  }
}
