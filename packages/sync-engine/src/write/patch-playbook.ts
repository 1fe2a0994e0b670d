import { parseInput, type Playbook, PlaybookId, PlaybookPatch } from '@fieldsync/contracts'
import type { z } from 'zod'

import type { Changeset } from '../core/changeset.ts'
import { transact, type EngineContext, readStore } from '../core/engine-context.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { isBlocked } from '../core/local-record.ts'
import { type EditConflict, type EditOptions, likelyOf } from '../core/merge-edit.ts'
import { instantOf } from '../core/observation-draft.ts'
import {
  likelyPatchConflict,
  nextBase,
  supersededOperations,
  patchChain,
  withUnsent,
} from '../core/patch-chain.ts'
import {
  breaksContract,
  type LikelyConflict,
  type PreviewOutcome,
  type RefusedWrite,
  refused,
  type SaveOutcome,
} from '../core/save-outcome.ts'
import { emitSaved, parkWrite } from './park-write.ts'

export type PatchInput = z.input<typeof PlaybookPatch>
/** An edit of a playbook; the engine gives it id, author, time, and the version it builds on. */
export type PatchDraft = Pick<PatchInput, 'playbookId' | 'reason' | 'operations'>

/**
 * Stores a patch on what the device shows of the playbook, and queues it (ENG-2). Patches on one playbook are a chain:
 * each builds on the version that the one before will make. Where a value that it sets is another by now than in the
 * version that it names, it waits for a person (ENG-38).
 */
export async function patchPlaybook(
  context: EngineContext,
  draft: PatchDraft,
  options: EditOptions<Playbook> = {},
): Promise<SaveOutcome<'playbookPatch'>> {
  let parked: LocalConflict | null = null
  const outcome = await transact(context, async (changeset): Promise<SaveOutcome<'playbookPatch'>> => {
    const planned = await plan(context, changeset, draft, options)
    if (!planned.ok) return planned
    const { patch, met, newest, likely } = planned
    const { patchId: id } = patch
    await changeset.load([{ type: 'playbookPatch', id }])
    const entry = { type: 'playbookPatch', id, document: patch, writtenAt: context.clock.now() } as const
    parked = met && newest ? await parkWrite(changeset, entry, met, { server: null, playbook: newest }) : null
    if (parked === null) changeset.enqueue(entry)
    const record = changeset.record('playbookPatch', id)
    return { ok: true, record, likelyConflict: likely, conflictId: parked?.id ?? null }
  })
  if (outcome.ok) emitSaved(context, { type: 'playbookPatch', id: outcome.record.id }, parked)
  return outcome
}

/** What {@link patchPlaybook} would say; stores nothing. */
export const previewPatch = (
  context: EngineContext,
  draft: PatchDraft,
  options: EditOptions<Playbook> = {},
): Promise<PreviewOutcome> =>
  readStore(context, async (changeset) => {
    const planned = await plan(context, changeset, draft, options)
    return planned.ok ? { ok: true, likelyConflict: planned.likely } : planned
  })

type Planned =
  | {
      ok: true
      patch: PlaybookPatch
      likely: LikelyConflict | null
      met: EditConflict | null
      /** The playbook as it is shown, with the patches that wait. */
      newest: Playbook | null
    }
  | RefusedWrite

async function plan(
  context: EngineContext,
  changeset: Changeset,
  draft: PatchDraft,
  { basedOn }: EditOptions<Playbook>,
): Promise<Planned> {
  const playbookId = PlaybookId.safeParse(draft.playbookId)
  if (!playbookId.success) return refused('/playbookId', 'is no id of a playbook', 'wrong_id')
  if (basedOn && basedOn.playbookId !== playbookId.data)
    return refused('/playbookId', 'is not the one of basedOn', 'other_base')
  const playbook = await changeset.read('playbook', playbookId.data)
  const chain = await patchChain(changeset, playbookId.data)
  const next = nextBase(playbook.server, chain)
  if (next === null) return refused('/playbookId', 'is not on this device yet', 'not_here')
  const waiting = chain.map(({ patch }) => patch)
  const newest = playbook.server && withUnsent(context, playbook.server, waiting)
  const met = basedOn && newest ? patchConflict(draft.operations, basedOn, newest) : null
  const baseVersion = met && basedOn ? basedOn.version : next
  const patch = {
    ...draft,
    patchId: context.ids.patch(),
    baseVersion,
    requestedByDeviceId: context.deviceId,
    requestedAt: instantOf(context.clock.now()),
  }
  const parsed = parseInput(PlaybookPatch, patch)
  if (!parsed.ok) return breaksContract(PlaybookPatch, patch)
  const predicted = () => likelyPatchConflict(context, playbook.server, chain, parsed.value)
  const likely = met !== null ? likelyOf(met) : isBlocked(playbook) ? null : predicted()
  return { ok: true, patch: parsed.value, likely, met, newest }
}

function patchConflict(
  operations: PatchDraft['operations'],
  basedOn: Playbook,
  newest: Playbook,
): EditConflict | null {
  const issues = supersededOperations(operations, basedOn, newest).map((at) => ({
    path: `/operations/${at}`,
    message: 'sets a value that was changed meanwhile, to another one',
  }))
  if (issues.length === 0) return null
  const message = 'What this changes was also changed meanwhile: choose one of the two values.'
  return { code: 'PLAYBOOK_VERSION_MISMATCH', resolution: 'rebase', message, issues }
}
