import { isStartCursor } from '@fieldsync/contracts'

import type { ModelWorkspace } from './model-state.ts'

/** The cursor of a position: it carries the identity of the entry there, so that another branch refuses it (CUR-6). */
export const cursorOf = ({ workspaceId, log }: ModelWorkspace, position: number): string =>
  `model ${workspaceId} ${position} ${log[position - 1] ?? 'none'}`

/** The cursor of a page with more behind it: with the head's, since the page tells of the log as it was up to there. */
export const pageCursorOf = (
  workspace: ModelWorkspace,
  position: number,
  head = workspace.log.length,
): string => `${cursorOf(workspace, position)} of ${head} ${workspace.log[head - 1] ?? 'none'}`

/** The position a cursor stands for; undefined for one that this history did not give out (CUR-2, CUR-5). */
export function positionOf(workspace: ModelWorkspace, cursor: string): number | undefined {
  if (isStartCursor(cursor)) return 0
  const [, position, head] = /^model \S+ (\d+) \d+(?: of (\d+) \d+)?$/.exec(cursor) ?? []
  const genuine =
    head === undefined
      ? cursorOf(workspace, Number(position))
      : pageCursorOf(workspace, Number(position), Number(head))
  return cursor === genuine ? Number(position) : undefined
}
