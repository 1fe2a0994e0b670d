import { Instant, Observation, Playbook, PlaybookPatch } from '@fieldsync/contracts'
import {
  canonicalRecord,
  decideObservation,
  decidePatch,
  type Decision,
  ROLES,
  type Role,
} from '@fieldsync/domain'
import { type ConflictChoice, conflictChoices, type LocalConflict } from '@fieldsync/sync-engine'
import { observation, playbook, playbookPatch, sha256 } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { rightsOf } from '../data/rights.ts'
import { actorOf } from '../testing/actor-of.ts'
import { offeredChoices } from './offered-choices.ts'

const OWN = 'dev_scout_1'
const LATER = '2026-06-14T18:05:00.000Z'
const note = (deviceId: string, change: object = {}): Observation =>
  Observation.parse(observation({ deviceId, ...change }))

type Met = { readonly conflict: LocalConflict; readonly isAccepted: (role: Role) => boolean }

const common = { id: 'c1', foundAt: 0, place: '1' }

function noteConflict(
  losing: Observation,
  met: { resolution: 'correct' | 'rename' | 'resubmit'; server: Observation | null },
): LocalConflict {
  const code = met.server === null ? null : 'OBSERVATION_IMMUTABLE'
  const what = { type: 'observation', entityId: losing.observationId, losing } as const
  return { ...common, ...what, kind: 'local', code, message: '', ...met }
}

/** What the server's rules say to a note that is sent. */
const decided = (role: Role, incoming: Observation, current?: Observation): Decision['kind'] =>
  decideObservation({
    actor: actorOf(role, OWN),
    incoming: canonicalRecord(incoming),
    timeMicros: 2,
    sha256,
    current: current && { canonical: canonicalRecord(current), timeMicros: 1, corrections: new Map() },
  }).kind

/** A change of a note that was confirmed meanwhile, which goes out as a correction. */
function corrected(author: string): Met {
  const stored = note(author, { status: 'confirmed' })
  const { deterministicChecksum: supersedes, ...rest } = stored
  const change = { ...rest, rawNoteText: 'Rust', updatedAt: LATER }
  const correctionId = 'corr_20260614_01KH7XQ4TNE5GZ3V8W2M6RYB9C'
  const correction = { correctionId, reason: 'Seen again', correctedAt: LATER, supersedes }
  const sent = Observation.parse(observation({ ...change, correction }))
  return {
    conflict: noteConflict(sent, { resolution: 'correct', server: stored }),
    isAccepted: (role) => decided(role, sent, stored) === 'accept',
  }
}

/** A note whose id another device had used, which goes out under another one. */
function renamed(author: string): Met {
  const losing = note(author)
  return {
    conflict: noteConflict(losing, { resolution: 'rename', server: note('dev_scout_9') }),
    isAccepted: (role) => decided(role, losing) === 'accept',
  }
}

/** A note that the server no longer has, which goes out as a new one. */
function written(author: string): Met {
  const losing = note(author)
  return {
    conflict: noteConflict(losing, { resolution: 'resubmit', server: null }),
    isAccepted: (role) => decided(role, losing) === 'accept',
  }
}

/** A note that the server could not read: whether it has an earlier version of it is not known. */
function repaired(author: string): Met {
  const losing = note(author, { status: 'draft', updatedAt: LATER, rawNoteText: 'Read at last' })
  const stored = note(author, { observationId: losing.observationId, createdAt: losing.createdAt })
  return {
    conflict: {
      ...common,
      type: 'observation',
      entityId: losing.observationId,
      losing,
      kind: 'quarantine',
      issues: [],
    },
    isAccepted: (role) => [undefined, stored].some((current) => decided(role, losing, current) === 'accept'),
  }
}

/** A change of the playbook that met a newer version, and goes out on top of it. */
function rebased(): Met {
  const patch = PlaybookPatch.parse(playbookPatch({ requestedByDeviceId: OWN }))
  const newest = Playbook.parse(playbook({ version: patch.baseVersion }))
  return {
    conflict: {
      ...common,
      type: 'playbookPatch',
      entityId: patch.patchId,
      losing: patch,
      kind: 'local',
      server: null,
      playbook: newest,
      code: 'PLAYBOOK_VERSION_MISMATCH',
      resolution: 'rebase',
      message: '',
    },
    isAccepted: (role) =>
      decidePatch({
        actor: actorOf(role, OWN),
        playbook: newest,
        acceptedContent: undefined,
        grants: undefined,
        incoming: canonicalRecord(patch),
        at: Instant.parse(LATER),
      }).kind === 'accept',
  }
}

const NOTES = { corrected, renamed, written, repaired }
const CASES = ROLES.flatMap((role) => [
  ...Object.entries(NOTES).flatMap(([way, met]) =>
    [OWN, 'dev_scout_2'].map((author) => ({ role, way, author, met: met(author) })),
  ),
  { role, way: 'rebased', author: OWN, met: rebased() },
])

const DROPS: ReadonlySet<ConflictChoice> = new Set(['accept_server', 'discard'])

describe('the ways out of a conflict', () => {
  it.each(CASES)(
    '[OBS-1, OBS-5, ACC-8, ACC-10] to the $role, of what $author wrote and is $way, are those that the server accepts',
    ({ role, met: { conflict, isAccepted } }) => {
      const offered = offeredChoices(conflict, rightsOf({ role, deviceId: OWN }))
      const all = conflictChoices(conflict)
      expect(offered).toEqual(isAccepted(role) ? all : all.filter((choice) => DROPS.has(choice)))
      // Nobody is left with a conflict that cannot be ended.
      expect(offered.some((choice) => DROPS.has(choice))).toBe(true)
    },
  )
})
