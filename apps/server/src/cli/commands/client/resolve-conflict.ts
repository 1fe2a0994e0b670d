import type { FieldsyncClient } from '@fieldsync/client'

import { ClientError } from '../../client-error.ts'
import type { ResolutionInput, ResolutionName } from './allowed-resolutions.ts'
import type { OpenConflict } from './open-conflict.ts'

type Resolve = FieldsyncClient['sync']['resolve']
type Resolved = Awaited<ReturnType<Resolve['discard']>>

/**
 * Resolves a conflict in the way that a person chose. @throws FieldError for one that is not allowed, or lacks an
 * option
 */
export function resolveConflict(
  resolve: Resolve,
  { id, name, yours, resolutions }: OpenConflict,
  resolution: ResolutionName,
  { reason, text, document }: ResolutionInput,
): Promise<Resolved> {
  if (!resolutions.includes(resolution)) {
    throw new ClientError('VALIDATION_ERROR', `${name} is resolved by ${resolutions.join(' or ')}.`)
  }
  switch (resolution) {
    case 'accept_server':
      return resolve.acceptServer(id)
    case 'correct': {
      if (reason === '') throw new ClientError('VALIDATION_ERROR', 'Give a reason with --reason "…".')
      const { transcription } = 'rawNoteText' in yours ? yours : {}
      const changed = text !== undefined && transcription !== undefined
      return resolve.correct(id, {
        reason,
        ...(changed && { changes: { rawNoteText: text, transcription: { ...transcription, text } } }),
      })
    }
    case 'rename':
      return resolve.rename(id)
    case 'rebase':
      return resolve.rebase(id)
    case 'resubmit':
      return resolve.resubmit(id)
    case 'fix':
      if (document === undefined) {
        throw new ClientError('VALIDATION_ERROR', 'Give the repaired record, a JSON file, with --document.')
      }
      return resolve.fix(id, document)
    case 'discard':
      return resolve.discard(id)
  }
}
