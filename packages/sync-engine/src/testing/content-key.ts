import { canonicalText } from '@fieldsync/domain'

/**
 * What makes a write this write, through everything that a resolution may change: a rebased patch keeps its reason and
 * operations, a renamed recommendation what it advises.
 */
export function contentKey(document: object): string {
  if ('operations' in document && 'reason' in document) {
    return canonicalText([document.reason, document.operations])
  }
  if (!('recommendationId' in document)) return canonicalText(document)
  const { recommendationId: _id, ...advice } = document
  return canonicalText({ ...advice, observationId: null })
}
