import { isStartCursor } from '@fieldsync/contracts'

import type { ModelWorkspace } from './model-state.ts'

/** The cursor of a position: it carries the identity of the entry there, so that another branch refuses it (CUR-6). */
export const cursorOf = ({ workspaceId, log }: ModelWorkspace, position: number): string =>
  `model ${workspaceId} ${position} ${log[position - 1] ?? 'none'}`

/** The position a cursor stands for; undefined for one that this history did not give out (CUR-2, CUR-5). */
export function positionOf(workspace: ModelWorkspace, cursor: string): number | undefined {
  if (isStartCursor(cursor)) return 0
  const position = Number(/^model \S+ (\d+) \d+$/.exec(cursor)?.[1])
  return cursor === cursorOf(workspace, position) ? position : undefined
}
