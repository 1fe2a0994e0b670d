import type { ConflictPlaybookState, PatchId, PlaybookPatch } from '@fieldsync/contracts'
import type { VersionStep } from '@fieldsync/db'
import { pathsOverlap } from '@fieldsync/domain'

import type { BatchDecisions } from './decision.ts'
import type { WorkingSet } from './working-set.ts'

const MAX_INTERVENING = 100

/** Reads the stored versions of a playbook after one of them, the oldest first. */
export type VersionsSince = (playbookId: string, version: number, limit: number) => Promise<VersionStep[]>

/**
 * Completes every rebase conflict with the active playbook and what happened since the patch's base, so that the
 * device can rebase without another call (CNF rules).
 */
export async function addRebaseInformation(
  set: WorkingSet,
  decisions: BatchDecisions,
  versionsSince: VersionsSince,
): Promise<void> {
  // Patches that were refused together were mostly written on the same version.
  const read = new Map<string, VersionStep[]>()
  for (const reported of decisions.conflicts) {
    if (!decisions.conflictsFit) return
    if (reported.conflict.resolution !== 'rebase') continue
    // Only patches are rebased.
    const patch = reported.incoming.record as PlaybookPatch
    const working = set.playbooks.get(patch.playbookId)
    if (!working) continue
    const { playbookId, baseVersion } = patch
    const base = `${playbookId} ${baseVersion}`
    const stored = read.get(base) ?? (await versionsSince(playbookId, baseVersion, MAX_INTERVENING + 1))
    read.set(base, stored)
    const steps = [...stored, ...stepsOfThisBatch(decisions, patch)]
    decisions.spend(working.text.length + charactersOf(steps))
    reported.conflict.playbook = rebaseState(working.document, patch, steps)
  }
}

const charactersOf = (steps: readonly VersionStep[]): number =>
  steps
    .slice(0, MAX_INTERVENING)
    .reduce((sum, { paths }) => paths.reduce((all, path) => all + path.length, sum), 0)

function stepsOfThisBatch(decisions: BatchDecisions, patch: PlaybookPatch): VersionStep[] {
  return decisions.versions.filter(
    (made) => made.playbookId === patch.playbookId && made.version > patch.baseVersion,
  )
}

function rebaseState(
  document: ConflictPlaybookState['document'],
  patch: PlaybookPatch,
  steps: readonly VersionStep[],
): ConflictPlaybookState {
  const paths = patch.operations.map((operation) => operation.path)
  const unknowable = patch.baseVersion > document.version || steps.length > MAX_INTERVENING
  return {
    activeVersion: document.version,
    document,
    // Patch ids and paths were parsed when they were stored.
    intervening: steps
      .slice(0, MAX_INTERVENING)
      .map((step) => ({ ...pick(step), patchId: step.patchId as PatchId | null })),
    overlapping: unknowable || steps.some((step) => pathsOverlap(step.paths, paths)),
  }
}

const pick = ({ version, paths }: VersionStep) => ({ version, paths })
