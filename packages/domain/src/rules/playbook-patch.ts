import {
  type Breach,
  breachesOf,
  type Instant,
  MAX_ISSUES_PER_RECORD,
  type PatchOperation,
  Playbook,
  type PlaybookPatch,
  type ValidationIssue,
} from '@fieldsync/contracts'

import type { Actor } from '../access/actor.ts'
import { can } from '../access/can.ts'
import type { PlaybookGrant } from '../access/playbook-grant.ts'
import type { CanonicalRecord } from '../canonical.ts'
import { applyPatch } from '../json-patch/apply.ts'
import { formatPointer, parsePointer } from '../json-patch/pointer.ts'
import { conflict, type ConflictDecision, toFix } from './decision.ts'
import { changesOutside, editablePaths } from './editable-paths.ts'
import { grantBreaches } from './grant-breaches.ts'
import { breachAt, type PatchBreach } from './patch-breach.ts'

/** The outcome for one incoming patch. `paths`: JSON Pointers of what it changed, see applyPatch. */
export type PatchDecision =
  | { kind: 'accept'; document: Playbook; paths: string[] }
  | { kind: 'duplicate' }
  | ConflictDecision

/**
 * Decides one incoming playbook patch by rules PCH-1 to PCH-12, in the order of their table.
 *
 * @param args.playbook active version of the playbook that the patch names
 * @param args.acceptedContent `contentText` of the accepted patch with this id, if there is one
 * @param args.grants the caller's, also those out of force; undefined where they are not known, as on a device whose server
 *   has not named them, and then they are not asked about. The server itself needs none (GRA-8).
 * @param args.at instant of the new version, at which a grant must be in force (GRA-5)
 * @param args.retired whether the active version is a retirement (PUB-5)
 * @param args.fourEyes whether a change takes a second person (PUB-10)
 */
export function decidePatch(args: {
  actor: Actor
  playbook: Playbook | undefined
  acceptedContent: string | undefined
  grants: readonly PlaybookGrant[] | undefined
  incoming: CanonicalRecord<PlaybookPatch>
  at: Instant
  retired?: boolean
  fourEyes?: boolean
}): PatchDecision {
  const { actor, playbook, acceptedContent, incoming, at } = args
  const grants = actor.kind === 'system' ? undefined : args.grants
  const patch = incoming.record
  if (acceptedContent !== undefined) {
    return acceptedContent === incoming.contentText ? { kind: 'duplicate' } : idReused()
  }
  if (patch.requestedByDeviceId !== actor.deviceId) return foreignRequest()
  if (!playbook) return playbookUnknown(patch)
  if (patch.baseVersion !== playbook.version) return versionMismatch(patch, playbook)
  if (!can(actor, 'playbooks.patch')) return roleMayNotPatch()
  if (args.retired) return { ...isRetired(), reason: 'retired' }
  if (args.fourEyes) return { ...takesTwo(), reason: 'four_eyes' }
  return applyTo(playbook, patch.operations, at, grants)
}

function applyTo(
  playbook: Playbook,
  operations: readonly PatchOperation[],
  at: Instant,
  grants: readonly PlaybookGrant[] | undefined,
): PatchDecision {
  const applied = applyAllowed(playbook, operations, grants && { grants, at: new Date(at) })
  if (applied.ok) {
    const { document, paths } = applied
    return { kind: 'accept', document: { ...document, version: playbook.version + 1, updatedAt: at }, paths }
  }
  // A decision goes over the wire, where an issue has no kind.
  const [first, ...further] = applied.breaches
  const issues: Issues = [asIssue(first), ...further.map(asIssue)]
  switch (first.code) {
    case 'not_editable':
      return pathNotAllowed(issues)
    case 'not_granted':
      return { ...notGranted(issues), reason: 'grant' }
    default:
      return invalid(issues)
  }
}

const asIssue = ({ path, message }: Breach): ValidationIssue => ({ path, message })

/** A caller's grants, and the instant at which they are asked about. */
export type GrantsAt = { readonly grants: readonly PlaybookGrant[]; readonly at: Date }

/**
 * What operations would break in a playbook, with the paths and messages of the issues by which `decidePatch` refuses
 * them; none where they can be applied. A device describes a refused patch by it.
 *
 * @param granted undefined where the grants are not known
 */
export function patchBreaches(
  playbook: Playbook,
  operations: readonly PatchOperation[],
  granted?: GrantsAt,
): readonly PatchBreach[] {
  const applied = applyAllowed(playbook, operations, granted)
  return applied.ok ? [] : applied.breaches
}

type Applied =
  | { ok: true; document: Playbook; paths: string[] }
  | { ok: false; breaches: readonly [PatchBreach, ...PatchBreach[]] }

function applyAllowed(
  playbook: Playbook,
  operations: readonly PatchOperation[],
  granted: GrantsAt | undefined,
): Applied {
  const isEditable = editablePaths(playbook)
  const outside = operations.flatMap(({ path }, i): PatchBreach[] => {
    const segments = parsePointer(path)
    if (segments !== undefined && isEditable(segments)) return []
    return [
      { path: `/operations/${i}/path`, message: notEditable(path), code: 'not_editable', pointer: path },
    ]
  })
  if (hasItems(outside)) return { ok: false, breaches: outside }
  const patched = applyPatch(playbook, operations)
  if (!patched.ok) {
    const { index, reason } = patched
    const pointer = operations[index]?.path ?? ''
    const path = `/operations/${index}`
    const breach = { path, message: `cannot be applied: ${reason}`, code: 'not_applicable', pointer } as const
    return { ok: false, breaches: [breach] }
  }
  const alsoChanged = changesOutside(isEditable, playbook, patched.document).map((segments) =>
    breachAt(operations, {
      path: formatPointer(segments),
      message: 'would also change, and is not editable',
      code: 'not_editable',
    }),
  )
  if (hasItems(alsoChanged)) return { ok: false, breaches: alsoChanged }
  const uncovered = granted ? grantBreaches(playbook, patched.document, operations, granted) : []
  if (hasItems(uncovered)) return { ok: false, breaches: uncovered }
  const breaches = breachesOf(Playbook, patched.document).map((breach) => breachAt(operations, breach))
  if (hasItems(breaches)) return { ok: false, breaches }
  return { ok: true, document: Playbook.parse(patched.document), paths: patched.changed }
}

type Issues = [ValidationIssue, ...ValidationIssue[]]

const hasItems = (breaches: PatchBreach[]): breaches is [PatchBreach, ...PatchBreach[]] => breaches.length > 0

const notEditable = (path: string): string =>
  `${path || 'the whole playbook'} is not at or below an editable path`

const idReused = (): ConflictDecision =>
  conflict(
    'PATCH_ID_REUSED',
    'rename',
    'Another patch with this id was already accepted: give yours a new id and send it again.',
  )

const foreignRequest = (): ConflictDecision =>
  toFix(
    'FORBIDDEN',
    'Set requestedByDeviceId to the device that sends this patch, or let that device send it.',
    [{ path: '/requestedByDeviceId', message: 'must be the device that sends the patch' }],
  )

const playbookUnknown = ({ playbookId }: PlaybookPatch): ConflictDecision =>
  toFix('PLAYBOOK_UNKNOWN', 'There is no such playbook: choose one from your workspace.', [
    { path: '/playbookId', message: `${playbookId} is not a playbook of this workspace` },
  ])

const versionMismatch = ({ baseVersion }: PlaybookPatch, { version }: Playbook): ConflictDecision =>
  conflict(
    'PLAYBOOK_VERSION_MISMATCH',
    'rebase',
    `Version ${version} is active, your patch is for version ${baseVersion}: rebase it and send it under a new id.`,
  )

const roleMayNotPatch = (): ConflictDecision =>
  toFix(
    'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
    'Your role may not edit playbooks: ask an agronomist to make this change.',
    [{ path: '/operations', message: 'nothing in this playbook is editable for your role' }],
  )

const isRetired = (): ConflictDecision =>
  toFix(
    'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
    'This playbook is retired: drop the change, or ask an admin to publish the playbook again.',
    [{ path: '/operations', message: 'nothing in a retired playbook is editable' }],
  )

const takesTwo = (): ConflictDecision =>
  toFix(
    'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
    'In this workspace a change of a playbook takes a second person: propose it in the console instead.',
    [{ path: '/operations', message: 'takes a second person, and no device can propose it' }],
  )

const pathNotAllowed = (issues: Issues): ConflictDecision =>
  toFix(
    'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
    'The patch changes paths that this playbook does not allow to be edited: use only the editable paths of its rules.',
    firstFew(issues),
  )

const notGranted = (issues: Issues): ConflictDecision =>
  toFix(
    'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
    'Your grants do not cover all that this patch changes: leave those places as they are, or ask an administrator for a grant.',
    firstFew(issues),
  )

const invalid = (issues: Issues): ConflictDecision =>
  toFix(
    'PLAYBOOK_PATCH_INVALID',
    'The patch does not produce a valid playbook: repair the named operations and send it again.',
    firstFew(issues),
  )

const firstFew = ([first, ...further]: Issues): Issues => [
  first,
  ...further.slice(0, MAX_ISSUES_PER_RECORD - 1),
]
