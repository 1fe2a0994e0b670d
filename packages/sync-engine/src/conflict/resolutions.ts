import type { PlaybookPatch } from '@fieldsync/contracts'

import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { Resolution } from '../core/engine-meta.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { rebuildChain, supersededOperations } from '../core/patch-chain.ts'
import { refused, type Resolved } from '../core/save-outcome.ts'
import { conflictChoices, type ConflictChoice } from './choices.ts'
import { type CorrectConflict, correctConflict } from './correct-conflict.ts'
import { existingPlaybook, showingPlaybook } from './existing-version.ts'
import { renameConflict } from './rename-conflict.ts'
import { decideAgain, resolveConflict } from './resolve-conflict.ts'
import {
  fixConflict,
  type FixedDocument,
  resubmitAll,
  resubmitConflict,
  type ResubmittedAll,
} from './send-again.ts'

/**
 * The ways to resolve a conflict or a quarantined write, each in one call by the conflict's id. Writes of the record that
 * came after the losing one are kept and go out behind the result.
 */
export type Resolutions = {
  /** Carries out one of {@link conflictChoices}. One that the conflict does not allow, or that lacks its input, is refused. */
  by: (id: string, choice: ConflictChoice, input?: ChoiceInput) => Promise<Resolved>
  /** The server's version stays; the losing value is given up. */
  acceptServer: (id: string) => Promise<Resolved>
  /**
   * What the losing observation changes of the version that it is shown beside goes out as a correction of the newest
   * one. Where that was changed in the same place meanwhile, the conflict stays open and shows it (ENG-40).
   */
  correct: (id: string, correction: CorrectConflict) => Promise<Resolved>
  /** The losing record gets a new id; what the device wrote about it follows. */
  rename: (id: string) => Promise<Resolved>
  /**
   * The losing patch goes out on the active version under a new id, whatever it overlaps of the version that the conflict
   * shows. What was changed since is decided again.
   */
  rebase: (id: string) => Promise<Resolved>
  /** The losing value goes out again, on top of what became newer since the conflict was found. */
  resubmit: (id: string) => Promise<Resolved>
  /**
   * Sends several quarantined writes again as they are, those of a record in the order in which they were made (ENG-55).
   * @param ids of their conflicts; without, all of them
   */
  resubmitAll: (ids?: readonly string[]) => Promise<ResubmittedAll>
  /** A repaired document goes out in its place. */
  fix: (id: string, document: FixedDocument) => Promise<Resolved>
  /** The losing value is given up. */
  discard: (id: string) => Promise<Resolved>
}

/** What some choices take besides the conflict: `correct` a correction with its reason, `fix` the repaired document. */
export type ChoiceInput = { readonly correction?: CorrectConflict; readonly document?: FixedDocument }

/** @param afterWrite starts a sync soon after what it is given is stored */
export function createResolutions(
  context: EngineContext,
  afterWrite: <T extends { ok: boolean }>(write: Promise<T>) => Promise<T>,
): Resolutions {
  const resolutions: Resolutions = {
    by: async (id, choice, input = {}) => {
      const conflict = await context.store.read((transaction) => transaction.get('conflicts', id))
      if (conflict && !conflictChoices(conflict).includes(choice))
        return refused('', `is resolved by ${conflictChoices(conflict).join(' or ')}`, 'other_choice')
      return carryOut(resolutions, id, choice, input)
    },
    acceptServer: (id) => afterWrite(giveUp(context, id, 'accept_server')),
    correct: (id, correction) => afterWrite(correctConflict(context, id, correction)),
    rename: (id) => afterWrite(renameConflict(context, id)),
    rebase: (id) => afterWrite(rebaseConflict(context, id)),
    resubmit: (id) => afterWrite(resubmitConflict(context, id)),
    resubmitAll: (ids) => afterWrite(resubmitAll(context, ids)),
    fix: (id, document) => afterWrite(fixConflict(context, id, document)),
    discard: (id) => afterWrite(giveUp(context, id, 'discard')),
  }
  return resolutions
}

async function carryOut(
  resolutions: Resolutions,
  id: string,
  choice: ConflictChoice,
  { correction, document }: ChoiceInput,
): Promise<Resolved> {
  switch (choice) {
    case 'accept_server':
      return resolutions.acceptServer(id)
    case 'correct':
      return correction && correction.reason.trim() !== ''
        ? resolutions.correct(id, correction)
        : refused('/correction/reason', 'says why', 'reason_required')
    case 'rename':
      return resolutions.rename(id)
    case 'rebase':
      return resolutions.rebase(id)
    case 'resubmit':
      return resolutions.resubmit(id)
    case 'fix':
      return document
        ? resolutions.fix(id, document)
        : refused('', 'takes the repaired document', 'other_choice')
    case 'discard':
      return resolutions.discard(id)
  }
}

const giveUp = (context: EngineContext, id: string, resolution: Resolution): Promise<Resolved> =>
  resolveConflict(context, id, resolution, async (changeset, conflict) => {
    const { type, entityId, losing } = conflict
    if ('patchId' in losing) {
      // What was written behind it counted on its version.
      const base = changeset.record('playbook', losing.playbookId).server?.version ?? losing.baseVersion
      await rebuildChain(changeset, losing.playbookId, conflict.place, [], base, metBy(conflict, losing))
    }
    return { ok: true, record: { type, id: entityId } }
  })

const rebaseConflict = (context: EngineContext, id: string): Promise<Resolved> =>
  resolveConflict(context, id, 'rebase', async (changeset: Changeset, conflict) => {
    const { losing, place } = conflict
    if (!('patchId' in losing)) return refused('', 'only a patch is rebased', 'other_choice')
    const { server } = changeset.record('playbook', losing.playbookId)
    if (server === null) return refused('/playbookId', 'is not on this device yet', 'not_here')
    const shown = existingPlaybook(conflict)
    const clashes = shown === undefined ? [] : supersededOperations(losing.operations, shown, server)
    if (clashes.length > 0) {
      const paths = clashes.map((at) => `/operations/${at}`)
      return decideAgain(paths, showingPlaybook(conflict, server))
    }
    const active = server.version
    const patch = { ...losing, patchId: context.ids.patch() }
    const moved = [{ patch, place, writtenAt: context.clock.now() }]
    await rebuildChain(changeset, losing.playbookId, place, moved, active, metBy(conflict, losing))
    return { ok: true, record: { type: 'playbookPatch', id: patch.patchId } }
  })

/** Paths that others changed between the losing patch and the active version. */
const metBy = (conflict: LocalConflict, { baseVersion: since }: PlaybookPatch) => ({
  since,
  paths:
    conflict.kind === 'server'
      ? (conflict.conflict.playbook?.intervening ?? []).flatMap(({ paths }) => paths)
      : [],
})
