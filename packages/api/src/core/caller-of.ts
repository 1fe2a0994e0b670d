import type { ServerResponse } from 'node:http'

const callers = new WeakMap<ServerResponse, string>()

/** Records the caller for whom an answer is produced. */
export function noteCaller(res: ServerResponse, caller: string): void {
  callers.set(res, caller)
}

/** The caller of this answer; empty until it is identified. */
export const callerOf = (res: ServerResponse): string => callers.get(res) ?? ''
