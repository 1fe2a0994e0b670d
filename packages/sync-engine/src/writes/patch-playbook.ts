import { parseInput, PlaybookId, PlaybookPatch } from '@fieldsync/contracts'
import type { z } from 'zod'

import { change, type EngineContext, look } from '../engine/engine-context.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { isBlocked } from '../model/blank-record.ts'
import { instantOf } from './edit-time.ts'
import { likelyPatchConflict, nextBase, patchChain } from './patch-chain.ts'
import {
  type LikelyConflict,
  type PreviewOutcome,
  type RefusedWrite,
  refused,
  type SaveOutcome,
} from './save-outcome.ts'

export type PatchInput = z.input<typeof PlaybookPatch>
/** An edit of a playbook; the engine gives it id, author, time, and the version it builds on. */
export type PatchDraft = Pick<PatchInput, 'playbookId' | 'reason' | 'operations'>

/**
 * Stores a patch on what the device shows of the playbook, and queues it (ENG-2). Patches on one playbook are a chain:
 * each builds on the version that the one before will make.
 */
export async function patchPlaybook(
  context: EngineContext,
  draft: PatchDraft,
): Promise<SaveOutcome<'playbookPatch'>> {
  const outcome = await change(context, async (ledger): Promise<SaveOutcome<'playbookPatch'>> => {
    const planned = await plan(context, ledger, draft)
    if (!planned.ok) return planned
    const { patch, likely } = planned
    const { patchId: id } = patch
    await ledger.load([{ type: 'playbookPatch', id }])
    ledger.enqueue({ type: 'playbookPatch', id, document: patch, writtenAt: context.clock.now() })
    return { ok: true, record: ledger.record('playbookPatch', id), likelyConflict: likely }
  })
  if (outcome.ok) context.emit({ kind: 'saved', record: { type: 'playbookPatch', id: outcome.record.id } })
  return outcome
}

/** What {@link patchPlaybook} would say; stores nothing. */
export const previewPatch = (context: EngineContext, draft: PatchDraft): Promise<PreviewOutcome> =>
  look(context, async (ledger) => {
    const planned = await plan(context, ledger, draft)
    return planned.ok ? { ok: true, likelyConflict: planned.likely } : planned
  })

type Planned = { ok: true; patch: PlaybookPatch; likely: LikelyConflict | null } | RefusedWrite

async function plan(context: EngineContext, ledger: Ledger, draft: PatchDraft): Promise<Planned> {
  const playbookId = PlaybookId.safeParse(draft.playbookId)
  if (!playbookId.success) return refused('/playbookId', 'is no id of a playbook')
  const playbook = await ledger.read('playbook', playbookId.data)
  const chain = await patchChain(ledger, playbookId.data)
  const baseVersion = nextBase(playbook.server, chain)
  if (baseVersion === null) return refused('/playbookId', 'is not on this device yet')
  const parsed = parseInput(PlaybookPatch, {
    ...draft,
    patchId: context.ids.patch(),
    baseVersion,
    requestedByDeviceId: context.deviceId,
    requestedAt: instantOf(context.clock.now()),
  })
  if (!parsed.ok) return { ok: false, issues: parsed.issues }
  const likely = isBlocked(playbook)
    ? null
    : likelyPatchConflict(context.actor, playbook.server, chain, parsed.value)
  return { ok: true, patch: parsed.value, likely }
}
