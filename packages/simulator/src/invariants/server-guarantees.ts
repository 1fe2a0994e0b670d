import { OBSERVATION_STATUSES } from '@fieldsync/contracts'
import { type AuditChange, canonicalRecord, canonicalText } from '@fieldsync/domain'
import { sha256 } from '@fieldsync/testkit'

import type { PlaybookVersion, WorkspaceState } from '../state/workspace-state.ts'
import { hasSameContent, isSame } from './equality.ts'

/** What breaks a guarantee in what a server holds (G2, G6, G8), and in how it came from an earlier state (G1, G5). */
export function serverGuarantees(state: WorkspaceState, before?: WorkspaceState): string[] {
  return [
    ...exactlyOnce(state),
    ...linearPlaybooks(state),
    ...completeAudit(state),
    ...(before ? [...durable(before, state), ...immutable(before, state)] : []),
  ]
}

/** G2: nothing was applied a second time, however often it came; what was deleted may be created again. */
export function exactlyOnce({ patches, corrections, audit, log }: WorkspaceState): string[] {
  const changes = audit.flatMap(({ chg }) => chg)
  const deleted = Map.groupBy(
    changes.filter(({ kind }) => kind === 'delete'),
    ({ type, id }) => `${type} ${id}`,
  )
  const times = (record: string) => 1 + (deleted.get(record)?.length ?? 0)
  return [
    ...repeated(
      patches.filter(({ outcome }) => outcome === 'applied').map(({ patch }) => `patch ${patch.patchId}`),
    ),
    ...repeated(
      corrections.map((each) => `correction ${each.correctionId} of ${each.observationId}`),
      (name) => times(`observation ${name.slice(name.lastIndexOf(' ') + 1)}`),
    ),
    ...repeated(
      changes.filter(({ kind }) => kind === 'create').map(({ type, id }) => `creation of ${type} ${id}`),
      (name) => times(name.slice('creation of '.length)),
    ),
    ...repeated(log.map((key) => `place of ${key} in the log`)),
    ...changes
      .filter(({ kind, before, after }) => kind !== 'refused' && before === after)
      .map(({ type, id }) => `a change of ${type} ${id} changed nothing`),
  ]
}

function repeated(names: readonly string[], most: (name: string) => number = () => 1): string[] {
  const counts = Map.groupBy(names, (name) => name)
  return [...counts]
    .filter(([name, all]) => all.length > most(name))
    .map(([name, all]) => `${name} happened ${all.length} times`)
}

/**
 * G1: what a server held it still holds, as it was or as a later write made it, or it was deleted. For two states of one history; a restore
 * from a backup begins another.
 */
export function durable(before: WorkspaceState, after: WorkspaceState): string[] {
  const since = after.audit.slice(before.audit.length).flatMap(({ chg }) => chg)
  const deleted = new Set(since.filter(({ kind }) => kind === 'delete').map(({ id }) => id))
  const kinds = ['observations', 'recommendations', 'playbooks'] as const
  return [
    ...kinds.flatMap((kind) =>
      [...before[kind].keys()]
        .filter((id) => !after[kind].has(id) && !deleted.has(id))
        .map((id) => `${id} of the ${kind} is gone`),
    ),
    ...goesOn('playbook version', before.versions, after.versions),
    ...goesOn('patch attempt', before.patches, after.patches),
    ...goesOn('correction', before.corrections, after.corrections),
    ...goesOn('audit row', before.audit, after.audit),
    ...before.conflicts
      .filter(({ conflictId }) => !after.conflicts.some((each) => each.conflictId === conflictId))
      .map(({ conflictId }) => `conflict ${conflictId} is gone`),
  ]
}

/** A list that is only ever appended to. */
function goesOn(name: string, before: readonly object[], after: readonly object[]): string[] {
  const changed = before.findIndex((each, i) => !isSame(each, after[i]))
  return changed < 0 ? [] : [`${name} ${changed + 1} is not what it was`]
}

/**
 * G5: what was confirmed has the content it had, or that of a correction which came since; status never goes back; a
 * decided recommendation stays as it is. For two states of one history.
 */
export function immutable(before: WorkspaceState, after: WorkspaceState): string[] {
  const since = after.corrections.slice(before.corrections.length)
  const observations = [...before.observations].flatMap(([id, { record }]) => {
    const now = after.observations.get(id)?.record
    if (record.status === 'draft' || !now) return []
    const back = OBSERVATION_STATUSES.indexOf(now.status) < OBSERVATION_STATUSES.indexOf(record.status)
    const content = sha256(canonicalRecord(now).contentText)
    const corrected = since.some((each) => each.observationId === id && each.contentSha256 === content)
    return [
      ...(back ? [`${id} went back from ${record.status} to ${now.status}`] : []),
      ...(corrected || hasSameContent(now, record)
        ? []
        : [`${id} was confirmed and changed without a correction`]),
    ]
  })
  const recommendations = [...before.recommendations].flatMap(([id, { record }]) => {
    const now = after.recommendations.get(id)?.record
    if (record.status === 'pending_confirmation' || !now) return []
    return now.status === record.status && hasSameContent(now, record)
      ? []
      : [`${id} was decided and changed`]
  })
  return [...observations, ...recommendations]
}

/** G6: the versions of each playbook follow each other without gap or fork, each made by exactly one accepted patch. */
export function linearPlaybooks(state: WorkspaceState): string[] {
  const audited = state.audit.flatMap(({ chg }) => chg).filter(({ type }) => type === 'playbook')
  const byPlaybook = Map.groupBy(state.versions, ({ document }) => document.playbookId)
  return [...byPlaybook].flatMap(([playbookId, versions]) => [
    ...versions.flatMap((version, i) => versionFindings(state, audited, version, versions[i - 1])),
    ...(isSame(versions.at(-1)?.document, state.playbooks.get(playbookId))
      ? []
      : [`the last version of ${playbookId} is not the active one`]),
  ])
}

function versionFindings(
  { patches }: WorkspaceState,
  audited: readonly AuditChange[],
  { patchId, document }: PlaybookVersion,
  before: PlaybookVersion | undefined,
): string[] {
  const name = `version ${document.version} of ${document.playbookId}`
  if (!before) return patchId === null ? [] : [`${name} is the first and was made by a patch`]
  const made = patches.filter(
    (each) =>
      each.outcome === 'applied' && each.patch.patchId === patchId && each.newVersion === document.version,
  )
  const after = sha256(canonicalText(document))
  const changes = audited.filter((each) => each.after === after)
  return [
    ...(document.version === before.document.version + 1
      ? []
      : [`${name} follows version ${before.document.version}`]),
    ...(made.length === 1 ? [] : [`${name} was made by ${made.length} accepted patches`]),
    ...(changes.length === 1 ? [] : [`${name} has ${changes.length} audit entries`]),
  ]
}

/**
 * G8: the rows are numbered without a gap, the changes of each record lead from nothing to what is held now, and every
 * attempt to patch has its entry. That the chain verifies is for `verifyChain` to say.
 */
export function completeAudit(state: WorkspaceState): string[] {
  const changes = state.audit.flatMap(({ chg }) => chg)
  const byRecord = Map.groupBy(changes, ({ type, id }) => `${type}/${id}`)
  const count = (kind: string) => changes.filter((each) => each.kind === kind).length
  const attempts = (outcome: string) => state.patches.filter((each) => each.outcome === outcome).length
  const gap = state.audit.findIndex(({ seq }, i) => seq !== i + 1)
  return [
    ...(gap < 0 ? [] : [`audit row ${gap + 1} is missing`]),
    ...state.log.flatMap((key) => historyFindings(key, byRecord.get(key) ?? [], textOf(state, key))),
    ...(count('patch') === attempts('applied') ? [] : ['not every accepted patch has one audit entry']),
    ...(count('refused') === attempts('rejected') ? [] : ['not every refused patch has one audit entry']),
    ...(count('correct') <= state.corrections.length ? [] : ['a correction is not in the history']),
  ]
}

function historyFindings(key: string, history: readonly AuditChange[], text: string | undefined): string[] {
  const broken = history.findIndex(({ before }, i) => before !== (history[i - 1]?.after ?? null))
  const held = text === undefined ? null : sha256(text)
  return [
    ...(broken < 0 ? [] : [`change ${broken + 1} of ${key} does not begin where the one before ended`]),
    ...(history.at(-1)?.after === held ? [] : [`the last change of ${key} does not lead to what is held`]),
  ]
}

function textOf(
  { observations, recommendations, playbooks }: WorkspaceState,
  key: string,
): string | undefined {
  const id = key.slice(key.indexOf('/') + 1)
  const record = observations.get(id)?.record ?? recommendations.get(id)?.record ?? playbooks.get(id)
  return record && canonicalText(record)
}
