import { parseInput, type Playbook, PlaybookContent, type ValidationIssue } from '@fieldsync/contracts'

import { type Change, changesBetween } from './leaves.ts'

/** What a person typed or chose as a playbook: what it would change, or what is wrong with it. */
export type TypedPlaybook =
  | { readonly kind: 'empty' | 'notJson' }
  | { readonly kind: 'otherId'; readonly playbookId: string }
  | { readonly kind: 'wrong'; readonly issues: readonly ValidationIssue[]; readonly more: number }
  | { readonly kind: 'valid'; readonly document: PlaybookContent; readonly changes: readonly Change[] }

/**
 * Reads a playbook from text as the server will (APP-85).
 * @param active the version that it is to follow; undefined for a playbook that is new
 */
export function readTyped(text: string, active: Playbook | undefined): TypedPlaybook {
  if (text.trim() === '') return { kind: 'empty' }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { kind: 'notJson' }
  }
  const parsed = parseInput(PlaybookContent, json)
  if (!parsed.ok) return { kind: 'wrong', issues: parsed.issues, more: parsed.more }
  const document = parsed.value
  if (active && document.playbookId !== active.playbookId)
    return { kind: 'otherId', playbookId: document.playbookId }
  return { kind: 'valid', document, changes: changesBetween(contentOf(active), contentOf(document)) }
}

/** What of a playbook a version can change. */
export const contentOf = (playbook: PlaybookContent | undefined): object | undefined =>
  playbook && { crop: playbook.crop, region: playbook.region, rules: playbook.rules }

/** The version that follows another one, with this content. */
export const nextVersion = (base: Playbook, { crop, region, rules }: PlaybookContent): Playbook => ({
  ...base,
  crop,
  region,
  rules,
  version: base.version + 1,
})

/** A playbook as it is shown for editing: without what the server sets. */
export const typedText = ({ playbookId, crop, region, rules }: PlaybookContent): string =>
  JSON.stringify({ playbookId, crop, region, rules }, null, 2)
