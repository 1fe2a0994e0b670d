import { type ConflictDecision, toFix } from './decision.ts'

/**
 * A write to an id that was erased (ERA-3): refused for ever, by a conflict that every build can read.
 * @param path of the id in the record
 */
export const erasedConflict = (path: '/observationId' | '/recommendationId'): ConflictDecision =>
  toFix('FORBIDDEN', 'This record was erased for good: discard yours.', [
    { path, message: 'was erased: nothing is accepted under this id any more' },
  ])
