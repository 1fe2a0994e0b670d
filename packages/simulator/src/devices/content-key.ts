import type { Observation } from '@fieldsync/contracts'
import { canonicalText } from '@fieldsync/domain'

import type { WrittenDocument } from '../state/device-copy.ts'

/**
 * What a person wrote in a document, in one text. Without what the engine changes by its own rules: the id and base of a
 * patch that is rebased, the observation under a recommendation that is renamed, and who refers to what.
 */
export function contentKeyOf(document: WrittenDocument): string {
  const known = keys.get(document)
  if (known !== undefined) return known
  const made = makeContentKey(document)
  keys.set(document, made)
  return made
}

// Documents are replaced and never changed.
const keys = new WeakMap<WrittenDocument, string>()

function makeContentKey(document: WrittenDocument): string {
  if ('patchId' in document) return canonicalText([document.reason, document.operations])
  if (!('recommendationId' in document)) return canonicalText(asBefore(document))
  return canonicalText({ ...document, observationId: null })
}

/** Without what a server of an older contract is not sent: it accepts the write all the same (ENG-32). */
export function asBefore({
  notObserved: _later,
  location: { source: _from, accuracyM: _by, ...location },
  ...rest
}: Observation) {
  return { ...rest, location }
}

/** The record that a document is a version of; a patch is known by what it says, since a rebase gives it a new id. */
export function nameOf(document: WrittenDocument): string {
  if ('patchId' in document) return `patch ${document.reason}`
  return 'recommendationId' in document ? document.recommendationId : document.observationId
}
