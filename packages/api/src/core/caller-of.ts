import type { ServerResponse } from 'node:http'

const callers = new WeakMap<ServerResponse, string>()

/** Notes on whose behalf an answer is made. */
export function noteCaller(res: ServerResponse, caller: string): void {
  callers.set(res, caller)
}

/** Whose answer this is; empty while nobody has been identified. */
export const callerOf = (res: ServerResponse): string => callers.get(res) ?? ''
