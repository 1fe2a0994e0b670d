import type { FieldsyncClient } from '@fieldsync/client'
import type { LocalConflict } from '@fieldsync/sync-engine'

/** The ways to resolve, named as the protocol does. */
export const RESOLUTIONS = [
  'accept_server',
  'correct',
  'rename',
  'rebase',
  'resubmit',
  'fix',
  'discard',
] as const
export type ResolutionName = (typeof RESOLUTIONS)[number]

type Resolve = FieldsyncClient['sync']['resolve']

/** What a resolution takes besides the conflict's id. */
export type ResolutionInput = {
  readonly reason: string
  /** A text in place of the losing one. */
  readonly text: string | undefined
  /** The repaired record. */
  readonly document: Parameters<Resolve['fix']>[1] | undefined
}

/** The resolutions that a conflict allows, starting with the one that the rules propose. */
export function allowedResolutions(conflict: LocalConflict, server: object | null): ResolutionName[] {
  const giveUp = server === null ? 'discard' : 'accept_server'
  if (conflict.kind === 'quarantine') return ['fix', 'resubmit', giveUp]
  const proposed = conflict.kind === 'server' ? conflict.conflict.resolution : conflict.resolution
  return proposed === 'accept_server' ? [giveUp] : [proposed, giveUp]
}
