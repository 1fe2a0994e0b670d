import type { Instant, Playbook, PlaybookContent } from '@fieldsync/contracts'

import { changesOfVersion, type GrantedChange } from '../access/playbook-grant.ts'
import { documentChanges } from '../json-patch/document-changes.ts'
import { formatPointer } from '../json-patch/pointer.ts'

export const PUBLICATION_KINDS = ['creation', 'publication', 'rollback', 'retirement'] as const
/** How a whole version of a playbook comes about, other than by a patch. */
export type PublicationKind = (typeof PUBLICATION_KINDS)[number]

/** What somebody asks to publish. `earlier`: the stored version that a rollback names, if there is one. */
export type PublicationRequest =
  | { readonly kind: 'creation'; readonly document: PlaybookContent }
  | { readonly kind: 'publication'; readonly baseVersion: number; readonly document: PlaybookContent }
  | { readonly kind: 'rollback'; readonly baseVersion: number; readonly earlier: Playbook | undefined }
  | { readonly kind: 'retirement'; readonly baseVersion: number }

/** The active version of a playbook; a retirement is a version too (PUB-5). */
export type ActivePlaybook = { readonly document: Playbook; readonly retired: boolean }

/** Why nothing is published. */
export type PublicationRefusal =
  | 'exists'
  | 'unknown'
  | 'version_mismatch'
  | 'unknown_version'
  | 'unchanged'
  | 'retired'

/**
 * The outcome of one request. `paths`: JSON Pointers of what differs from the version before; `changes`: what it asks of the
 * grants of whoever publishes it (GRA-6).
 */
export type PublicationDecision =
  | {
      readonly kind: 'accept'
      readonly document: Playbook
      readonly paths: string[]
      readonly changes: readonly GrantedChange[]
    }
  | { readonly kind: 'refuse'; readonly reason: PublicationRefusal }

const PUBLISH_ALL: GrantedChange = { path: [], action: 'publish' }

/**
 * Decides what becomes of one request on the active version (PUB-1 to PUB-5). `editablePaths` do not bind it.
 *
 * @param active undefined where the workspace has no playbook of this id
 * @param at instant of the new version
 */
export function decidePublication(
  active: ActivePlaybook | undefined,
  request: PublicationRequest,
  at: Instant,
): PublicationDecision {
  if (request.kind === 'creation') {
    if (active) return refuse('exists')
    const document = { ...contentOf(request.document), version: 1, updatedAt: at }
    return { kind: 'accept', document, paths: [''], changes: [{ path: [], action: 'create' }, PUBLISH_ALL] }
  }
  if (!active) return refuse('unknown')
  if (request.baseVersion !== active.document.version) return refuse('version_mismatch')
  return request.kind === 'retirement' ? retire(active, at) : publish(active, request, at)
}

function retire({ document, retired }: ActivePlaybook, at: Instant): PublicationDecision {
  if (retired) return refuse('retired')
  return {
    kind: 'accept',
    document: nextVersion(document, document, at),
    paths: [],
    changes: [{ path: [], action: 'delete' }, PUBLISH_ALL],
  }
}

function publish(
  { document: before, retired }: ActivePlaybook,
  request: Extract<PublicationRequest, { kind: 'publication' | 'rollback' }>,
  at: Instant,
): PublicationDecision {
  const content = request.kind === 'publication' ? request.document : request.earlier
  if (!content || (request.kind === 'rollback' && request.earlier?.version === before.version && !retired))
    return refuse('unknown_version')
  const document = nextVersion(before, content, at)
  const paths = changedPaths(before, document)
  if (paths.length === 0 && !retired) return refuse('unchanged')
  const changes = changesOfVersion(before, document)
  // To bring back a retired playbook takes what retiring it took, but for the deletion.
  return { kind: 'accept', document, paths, changes: retired ? [PUBLISH_ALL, ...changes] : changes }
}

const nextVersion = (before: Playbook, content: PlaybookContent, at: Instant): Playbook => ({
  ...contentOf(content),
  playbookId: before.playbookId,
  version: before.version + 1,
  updatedAt: at,
})

/** All of it but what the server sets. */
const contentOf = ({ playbookId, crop, region, rules }: PlaybookContent) => ({
  playbookId,
  crop,
  region,
  rules,
})

// The version and its time differ always, and are of the server.
const SERVERS_OWN: ReadonlySet<string | undefined> = new Set(['version', 'updatedAt'])

/** JSON Pointers of what differs between two versions, the version and its time aside. */
export const changedPaths = (before: object, after: object): string[] => [
  ...new Set(
    documentChanges(before, after).flatMap(({ path }) =>
      SERVERS_OWN.has(path[0]) ? [] : [formatPointer(path)],
    ),
  ),
]

const refuse = (reason: PublicationRefusal): PublicationDecision => ({ kind: 'refuse', reason })
