import {
  type ConflictCode,
  type ConflictResolution,
  instantMicros,
  type Observation,
  type Recommendation,
  type ValidationIssue,
} from '@fieldsync/contracts'
import { isSameJson, type MergeShape, mergeThreeWay } from '@fieldsync/domain'

import { furtherAlong, observedText, rank } from './observation-draft.ts'
import type { LikelyConflict } from './save-outcome.ts'

/** What a program says about an edit besides its values. */
export type EditOptions<T> = {
  /**
   * The version that the edit started from, whole: what a form showed when it was opened. What differs from it is what
   * was edited, and all that is applied to the newest version on the device (ENG-37).
   */
  readonly basedOn?: T | undefined
}

/** An edit on top of the newest version, and JSON Pointers of what both changed to different values. */
type MergedEdit<T> = { readonly document: T; readonly clashes: readonly string[] }

/** Why an edit cannot be queued: the newest version has other values where it was edited (ENG-38). */
export type EditConflict = {
  /** Null where the record was deleted meanwhile. */
  readonly code: ConflictCode | null
  readonly resolution: ConflictResolution
  readonly message: string
  readonly issues: ValidationIssue[]
}

// A place of two notes, or half of each transcript, would be neither.
const SHAPE: MergeShape = {
  whole: new Set(['/location', '/transcription', '/timingWindow']),
  sets: new Set(['/notObserved', '/riskFlags']),
}

/**
 * What was edited of an observation, on top of the newest version. Its status moves forward with the one that is further
 * along; a correction that the edit brings counts, else the newest version's own stays.
 */
export function mergeObservation(
  base: Observation,
  mine: Observation,
  newest: Observation,
): MergedEdit<Observation> {
  const { document, clashes } = mergeThreeWay(observed(base), observed(mine), observed(newest), SHAPE)
  const { correction } = isNewCorrection(base, mine) ? mine : newest
  const relinked =
    correction !== undefined &&
    correction.supersedes === base.deterministicChecksum &&
    correction === mine.correction
      ? { ...correction, supersedes: newest.deterministicChecksum }
      : correction
  const merged = {
    ...document,
    status: mergedStatus(base, mine, newest),
    deterministicChecksum: mine.deterministicChecksum,
    ...(mine.updatedAt !== undefined && { updatedAt: mine.updatedAt }),
    ...(relinked !== undefined && { correction: relinked }),
  }
  // Every value of it is from one of three observations.
  return { document: merged as unknown as Observation, clashes }
}

/** What was edited of a recommendation, on top of the newest version. */
export function mergeRecommendation(
  base: Recommendation,
  mine: Recommendation,
  newest: Recommendation,
): MergedEdit<Recommendation> {
  const { updatedAt, ...edited } = mine
  const { document, clashes } = mergeThreeWay(undated(base), edited, undated(newest), SHAPE)
  const merged = { ...document, ...(updatedAt !== undefined && { updatedAt }) }
  // Every value of it is from one of three recommendations.
  return { document: merged as unknown as Recommendation, clashes }
}

/** Both kinds of record that are edited whole; the three are versions of one. */
export function mergeEdit<T extends Observation | Recommendation>(
  base: T,
  mine: T,
  newest: T,
): MergedEdit<T> {
  const merged =
    'recommendationId' in mine
      ? mergeRecommendation(base as Recommendation, mine, newest as Recommendation)
      : mergeObservation(base as Observation, mine, newest as Observation)
  // Of the kind that went in.
  return merged as MergedEdit<T>
}

/**
 * Whether a write that names no base shows by itself that it was made of the newest version: it carries that one's time
 * or checksum, as a copy of a record does, or repeats it (ENG-39).
 */
export function isMadeOf(mine: Observation | Recommendation, newest: Observation | Recommendation): boolean {
  if (mine.updatedAt !== undefined && newest.updatedAt !== undefined) {
    if (instantMicros(mine.updatedAt) === instantMicros(newest.updatedAt)) return true
  }
  if ('recommendationId' in mine) return isSameJson(undated(mine), undated(newest))
  // Both are of one kind.
  const stored = newest as Observation
  const checksum = stored.deterministicChecksum.toLowerCase()
  return mine.deterministicChecksum.toLowerCase() === checksum || observedText(mine) === observedText(stored)
}

/** What an edit meets that names a version and finds another; null where nothing clashes. */
export function editConflict(
  newest: Observation | Recommendation | null,
  clashes: readonly string[],
): EditConflict | null {
  if (newest === null) {
    const message = 'This record was deleted meanwhile: send yours as a new one, or drop it.'
    return { code: null, resolution: 'resubmit', message, issues: [] }
  }
  if (clashes.length === 0) return null
  const issues = clashes.map((path) => ({ path, message: 'was changed meanwhile, to another value' }))
  return {
    ...clashOf(newest),
    message: 'What was edited was also changed meanwhile: choose one of the two versions.',
    issues,
  }
}

function clashOf(newest: Observation | Recommendation): Pick<EditConflict, 'code' | 'resolution'> {
  if ('recommendationId' in newest) {
    return newest.status === 'pending_confirmation'
      ? { code: 'RECOMMENDATION_STALE_WRITE', resolution: 'resubmit' }
      : { code: 'RECOMMENDATION_IMMUTABLE', resolution: 'accept_server' }
  }
  return newest.status === 'draft'
    ? { code: 'OBSERVATION_STALE_WRITE', resolution: 'resubmit' }
    : { code: 'OBSERVATION_CORRECTION_STALE', resolution: 'correct' }
}

/** The same to a caller that asks what will become of its write. */
export const likelyOf = ({ code, ...why }: EditConflict): LikelyConflict | null =>
  code === null ? null : { code, ...why }

// What the engine gives an observation, and what the rules compare on their own, is no part of what a person edits.
function observed(observation: Observation) {
  const { deterministicChecksum: _c, updatedAt: _u, correction: _r, status: _s, ...content } = observation
  return content
}

function undated(record: Observation | Recommendation) {
  const { updatedAt: _time, ...content } = record
  return content
}

const isNewCorrection = (base: Observation, { correction }: Observation): boolean =>
  correction !== undefined && correction.correctionId !== base.correction?.correctionId

function mergedStatus(base: Observation, mine: Observation, newest: Observation): Observation['status'] {
  // Back is refused by the rules, and is left to them.
  if (rank(mine) < rank(base)) return mine.status
  if (mine.status === base.status) return newest.status
  return furtherAlong(mine, newest).status
}
