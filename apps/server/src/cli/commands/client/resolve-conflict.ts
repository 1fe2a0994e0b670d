import type { FieldsyncClient } from '@fieldsync/client'
import type { ConflictChoice, FixedDocument, Resolved } from '@fieldsync/sync-engine'

import { ClientError } from '../../client-error.ts'
import type { OpenConflict } from './open-conflict.ts'

/** What a resolution takes besides the conflict's id. */
export type ResolutionInput = {
  readonly reason: string
  /** Another text than the losing one. */
  readonly text: string | undefined
  /** The repaired record. */
  readonly document: FixedDocument | undefined
}

/** Resolves a conflict in the way that a person names. @throws ClientError for what it does not allow, or lacks */
export function resolveConflict(
  resolve: FieldsyncClient['resolve'],
  { id, name, yours, resolutions }: OpenConflict,
  choice: ConflictChoice,
  { reason, text, document }: ResolutionInput,
): Promise<Resolved> {
  if (!resolutions.includes(choice))
    throw new ClientError('VALIDATION_ERROR', `${name} is resolved by ${resolutions.join(' or ')}.`)
  if (choice === 'correct' && reason === '')
    throw new ClientError('VALIDATION_ERROR', 'Say why by --reason "…".')
  if (choice === 'fix' && document === undefined)
    throw new ClientError('VALIDATION_ERROR', 'Give the repaired record, a JSON file, by --document.')
  const { transcription } = 'rawNoteText' in yours ? yours : {}
  const changed = text !== undefined && transcription !== undefined
  const changes = changed && { changes: { rawNoteText: text, transcription: { ...transcription, text } } }
  return resolve.by(id, choice, {
    correction: { reason, ...changes },
    ...(document !== undefined && { document }),
  })
}
