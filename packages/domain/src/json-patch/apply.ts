import type { PatchOperation } from '@fieldsync/contracts'

import {
  APPEND,
  arrayIndex,
  formatPointer,
  isJsonObject,
  type JsonObject,
  parsePointer,
  valueAt,
} from './pointer.ts'

/**
 * The new document and pointers of what was changed, each once; or which operation (by index) could not be applied and
 * why. Adding or removing an array item counts as a change of the array, since it shifts the items after it.
 */
export type PatchResult =
  | { ok: true; document: unknown; changed: string[] }
  | { ok: false; index: number; reason: string }

type Step = { ok: true; document: unknown } | { ok: false; reason: string }

/**
 * Applies `add`, `replace` and `remove` operations (RFC 6902) in order, all or none. The given document is never
 * changed; the result shares equal parts with it and with the operations.
 */
export function applyPatch(document: unknown, operations: readonly PatchOperation[]): PatchResult {
  const changed = new Set<string>()
  let patched = document
  for (const [index, operation] of operations.entries()) {
    const segments = parsePointer(operation.path)
    if (!segments) return { ok: false, index, reason: 'the path is not a JSON Pointer' }
    const step = edit(patched, segments, operation)
    if (!step.ok) return { ok: false, index, reason: step.reason }
    changed.add(changedBy(operation, segments, patched))
    patched = step.document
  }
  return { ok: true, document: patched, changed: [...changed] }
}

function changedBy(operation: PatchOperation, segments: readonly string[], document: unknown): string {
  const holder = segments.slice(0, -1)
  const movesItems = operation.op !== 'replace' && Array.isArray(valueAt(document, holder)?.value)
  return movesItems ? formatPointer(holder) : operation.path
}

function edit(target: unknown, segments: readonly string[], operation: PatchOperation): Step {
  const [segment, ...rest] = segments
  if (segment === undefined) {
    return operation.op === 'remove' ? failed('the whole document cannot be removed') : done(operation.value)
  }
  if (Array.isArray(target)) return editArray(target, segment, rest, operation)
  if (isJsonObject(target)) return editObject(target, segment, rest, operation)
  return failed(`there is no object or array that could contain "${segment}"`)
}

function editObject(
  target: JsonObject,
  key: string,
  rest: readonly string[],
  operation: PatchOperation,
): Step {
  if (rest.length === 0 && operation.op === 'add') return done(withMember(target, key, operation.value))
  if (!Object.hasOwn(target, key)) return failed(`there is no "${key}"`)
  if (rest.length === 0 && operation.op === 'remove') return done(withoutMember(target, key))
  const inner = edit(target[key], rest, operation)
  return inner.ok ? done(withMember(target, key, inner.document)) : inner
}

function editArray(
  target: readonly unknown[],
  segment: string,
  rest: readonly string[],
  operation: PatchOperation,
): Step {
  if (rest.length === 0 && operation.op === 'add') {
    const at = segment === APPEND ? target.length : arrayIndex(segment, target.length + 1)
    return at === undefined
      ? failed(`"${segment}" is not a position in an array of ${target.length}`)
      : done(target.toSpliced(at, 0, operation.value))
  }
  const index = arrayIndex(segment, target.length)
  if (index === undefined) return failed(`there is no item "${segment}" in an array of ${target.length}`)
  if (rest.length === 0 && operation.op === 'remove') return done(target.toSpliced(index, 1))
  const inner = edit(target[index], rest, operation)
  return inner.ok ? done(target.with(index, inner.document)) : inner
}

// A computed key defines an own member whatever its name, so `__proto__` never reaches a prototype.
const withMember = (target: JsonObject, key: string, value: unknown): JsonObject => ({
  ...target,
  [key]: value,
})

const withoutMember = (target: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(target).filter(([name]) => name !== key))

const done = (document: unknown): Step => ({ ok: true, document })
const failed = (reason: string): Step => ({ ok: false, reason })
