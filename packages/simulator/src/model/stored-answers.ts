import type { ModelWorkspace, StoredAnswer } from './model-state.ts'

/** The answers of this device that either key is bound to (IDM-1). */
const boundTo = ({ answers }: ModelWorkspace, deviceId: string, keys: readonly string[]): StoredAnswer[] =>
  answers.filter((stored) => stored.deviceId === deviceId && stored.keys.some((key) => keys.includes(key)))

/**
 * What is known under the keys of a call: nothing, the answer to the same payload (IDM-2), or another payload (IDM-3).
 *
 * @param payload canonical hash; undefined for a pull, which is never the payload of a stored answer (IDM-7)
 */
export function knownAnswer(
  workspace: ModelWorkspace,
  deviceId: string,
  keys: readonly string[],
  payload: string | undefined,
): 'unknown' | 'other payload' | StoredAnswer {
  const [known, ...others] = boundTo(workspace, deviceId, keys)
  if (!known) return 'unknown'
  return [known, ...others].every((stored) => stored.payload === payload) ? known : 'other payload'
}
