import type { OperationName } from '@fieldsync/contracts'
import { altered, mintId, observation, recommendation, syncBatch } from '@fieldsync/testkit'

import {
  advice,
  agronomistPull,
  confirmed,
  corrected,
  fresh,
  patch,
  patched,
  push,
  rng,
  single,
  unknownId,
  wind,
} from './parity-records.ts'

/** One step of the corpus. `expected`: the error code, or a pattern for the answer of an accepted call. */
export type Step = {
  readonly name: string
  readonly operation: OperationName
  readonly input: Record<string, unknown>
  readonly as?: 'scout' | 'agronomist' | 'admin' | 'viewer' | 'revoked' | 'stranger' | 'nobody'
  readonly key?: string
  readonly expected: string | { readonly answer?: unknown; readonly replayed?: boolean }
}

/** A history of one workspace, each step on top of the ones before it. */
export const CORPUS: readonly Step[] = [
  { name: 'health', operation: 'health', as: 'nobody', input: {}, expected: { answer: { status: 'ok' } } },
  {
    name: 'a push',
    operation: 'sync.batch',
    input: push,
    expected: { answer: { acceptedCounts: { observations: 2, recommendations: 1 } } },
  },
  // Before any pull, whose device state is written lazily.
  {
    name: 'the overview',
    operation: 'overview.get',
    input: {},
    expected: { answer: { devices: { active: 1 }, lastHour: { syncs: 1, accepted: 3 } } },
  },
  {
    name: 'devices in one state',
    operation: 'devices.list',
    input: { state: 'active', limit: 2 },
    expected: { answer: [{ deviceId: 'dev_scout_1', lag: 0 }] },
  },
  { name: 'its replay', operation: 'sync.batch', input: push, expected: { replayed: true } },
  {
    name: 'its key with another payload',
    operation: 'sync.batch',
    input: { ...push, requestedAt: '2026-02-11T23:00:00Z' },
    expected: 'IDEMPOTENCY_CONFLICT',
  },
  {
    name: 'a push of conflicts',
    operation: 'sync.batch',
    input: syncBatch(
      {
        observations: [{ ...confirmed, rawNoteText: 'Other.' }, observation({ deviceId: 'dev_other' }, rng)],
        recommendations: [recommendation({ observationId: unknownId }, rng)],
      },
      rng,
    ),
    expected: {
      answer: {
        conflicts: [
          { code: 'OBSERVATION_IMMUTABLE' },
          { code: 'FORBIDDEN' },
          { code: 'RECOMMENDATION_ORPHAN' },
        ],
      },
    },
  },
  {
    name: 'a correction',
    operation: 'sync.batch',
    input: syncBatch({ observations: [corrected] }, rng),
    expected: { answer: { conflicts: [] } },
  },
  {
    name: 'a pull',
    operation: 'sync.batch',
    input: syncBatch({ maxDownstream: 1 }, rng),
    expected: { answer: { downstream: { hasMore: true } } },
  },
  {
    name: 'a pull as viewer',
    as: 'viewer',
    operation: 'sync.batch',
    input: altered(syncBatch({}, rng), '/device/deviceId', 'dev_viewer') as Step['input'],
    expected: {},
  },
  {
    name: 'a push as viewer',
    as: 'viewer',
    operation: 'sync.batch',
    input: altered(push, '/device/deviceId', 'dev_viewer') as Step['input'],
    expected: 'FORBIDDEN',
  },
  {
    name: 'a cursor that is none',
    operation: 'sync.batch',
    input: syncBatch({ lastKnownServerCursor: 'cur_forged' }, rng),
    expected: 'CURSOR_INVALID',
  },
  {
    name: 'another device in the body',
    operation: 'sync.batch',
    input: agronomistPull,
    expected: 'FORBIDDEN',
  },
  {
    name: 'three bad records',
    operation: 'sync.batch',
    input: {
      ...push,
      upserts: {
        observations: [1, fresh, { ...fresh, extra: 1 }],
        recommendations: [{}],
        playbookPatches: [],
      },
    },
    expected: 'VALIDATION_ERROR',
  },
  { name: 'an empty object', operation: 'sync.batch', input: {}, expected: 'VALIDATION_ERROR' },
  {
    name: 'too many records',
    operation: 'sync.batch',
    input: syncBatch({ observations: [1, 2, 3, 4, 5].map(() => observation({}, rng)) }, rng),
    expected: 'PAYLOAD_TOO_LARGE',
  },
  {
    name: 'too many bytes',
    operation: 'sync.batch',
    input: { ...push, padding: 'x'.repeat(70_000) },
    expected: 'PAYLOAD_TOO_LARGE',
  },
  { name: 'no credential', as: 'nobody', operation: 'sync.batch', input: push, expected: 'AUTH_REQUIRED' },
  {
    name: 'an unknown credential',
    as: 'stranger',
    operation: 'sync.batch',
    input: push,
    expected: 'AUTH_REQUIRED',
  },
  {
    name: 'a revoked credential',
    as: 'revoked',
    operation: 'observations.list',
    input: {},
    expected: 'AUTH_REQUIRED',
  },
  {
    name: 'one observation',
    operation: 'observations.create',
    input: single,
    expected: { answer: { observationId: single.observationId } },
  },
  { name: 'the same again', operation: 'observations.create', input: single, expected: { replayed: true } },
  {
    name: 'the same under another key',
    operation: 'observations.create',
    key: 'another',
    input: single,
    expected: { replayed: false },
  },
  {
    name: 'another under the same key',
    operation: 'observations.create',
    key: 'another',
    input: observation({}, rng),
    expected: 'IDEMPOTENCY_CONFLICT',
  },
  {
    name: 'a change of a confirmed one',
    operation: 'observations.create',
    key: 'third',
    input: { ...single, rawNoteText: 'Other.' },
    expected: 'CONFLICT',
  },
  {
    name: 'one in the name of another',
    operation: 'observations.create',
    input: observation({ deviceId: 'dev_other' }, rng),
    expected: 'FORBIDDEN',
  },
  {
    name: 'one as viewer',
    as: 'viewer',
    operation: 'observations.create',
    input: single,
    expected: 'FORBIDDEN',
  },
  {
    name: 'an observation that is none',
    operation: 'observations.create',
    input: { ...single, location: { lat: 91, lon: '0' } },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'a key of 129 characters',
    operation: 'observations.create',
    key: 'x'.repeat(129),
    input: single,
    expected: 'VALIDATION_ERROR',
  },
  { name: 'all observations', operation: 'observations.list', input: {}, expected: {} },
  { name: 'a page of two', operation: 'observations.list', input: { limit: 2 }, expected: {} },
  {
    name: 'a page of too many',
    operation: 'observations.list',
    input: { limit: 501 },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'a page from nowhere',
    operation: 'observations.list',
    input: { cursor: '!' },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'get an observation',
    operation: 'observations.get',
    input: { observationId: fresh.observationId },
    expected: { answer: fresh },
  },
  {
    name: 'get an unknown one',
    operation: 'observations.get',
    input: { observationId: unknownId },
    expected: 'NOT_FOUND',
  },
  {
    name: 'get by a bad id',
    operation: 'observations.get',
    input: { observationId: 'obs_1' },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'corrections',
    operation: 'observations.corrections',
    input: { observationId: confirmed.observationId },
    expected: { answer: [{ correctionId: 'cor_1' }] },
  },
  {
    name: 'corrections of an unknown one',
    operation: 'observations.corrections',
    input: { observationId: unknownId },
    expected: 'NOT_FOUND',
  },
  {
    name: 'recommendations',
    operation: 'recommendations.list',
    input: { observationId: fresh.observationId },
    expected: { answer: [advice] },
  },
  {
    name: 'get a recommendation',
    operation: 'recommendations.get',
    input: { recommendationId: advice.recommendationId },
    expected: { answer: advice },
  },
  {
    name: 'get an unknown recommendation',
    operation: 'recommendations.get',
    input: { recommendationId: mintId('rec', rng, '2026-02-11T16:00:00Z') },
    expected: 'NOT_FOUND',
  },
  {
    name: 'apply a patch',
    as: 'agronomist',
    operation: 'playbooks.applyPatch',
    input: patch,
    expected: { answer: { status: 'applied', newVersion: 4 } },
  },
  {
    name: 'apply it again',
    as: 'agronomist',
    operation: 'playbooks.applyPatch',
    input: patch,
    expected: { replayed: true },
  },
  {
    name: 'apply to an old version',
    as: 'agronomist',
    operation: 'playbooks.applyPatch',
    input: patched({ baseVersion: 3 }),
    expected: 'PLAYBOOK_VERSION_MISMATCH',
  },
  {
    name: 'apply where it may not',
    as: 'agronomist',
    operation: 'playbooks.applyPatch',
    input: patched({ operations: [{ op: 'replace', path: '/crop', value: 'grape' }] }),
    expected: 'PLAYBOOK_PATCH_PATH_NOT_ALLOWED',
  },
  {
    name: 'apply what breaks the playbook',
    as: 'agronomist',
    operation: 'playbooks.applyPatch',
    input: patched({ operations: wind(101) }),
    expected: 'PLAYBOOK_PATCH_INVALID',
  },
  {
    name: 'apply in the name of another',
    as: 'agronomist',
    operation: 'playbooks.applyPatch',
    input: patched({ requestedByDeviceId: 'dev_other' }),
    expected: 'FORBIDDEN',
  },
  {
    name: 'apply a known id with other content',
    as: 'agronomist',
    operation: 'playbooks.applyPatch',
    key: 'again',
    input: { ...patch, reason: 'Other.' },
    expected: 'CONFLICT',
  },
  {
    name: 'apply to an unknown playbook',
    as: 'agronomist',
    operation: 'playbooks.applyPatch',
    input: patched({ playbookId: 'pbk_unknown' }),
    expected: 'NOT_FOUND',
  },
  {
    name: 'apply as scout',
    operation: 'playbooks.applyPatch',
    input: patched({ requestedByDeviceId: 'dev_scout_1' }),
    expected: 'FORBIDDEN',
  },
  {
    name: 'apply what is no patch',
    as: 'agronomist',
    operation: 'playbooks.applyPatch',
    input: { ...patch, operations: [] },
    expected: 'VALIDATION_ERROR',
  },
  { name: 'playbooks', operation: 'playbooks.list', input: {}, expected: { answer: [{ version: 4 }] } },
  {
    name: 'the active playbook',
    operation: 'playbooks.get',
    input: { playbookId: 'pbk_yolo_grape' },
    expected: { answer: { version: 4 } },
  },
  {
    name: 'an old version',
    operation: 'playbooks.get',
    input: { playbookId: 'pbk_yolo_grape', version: 3 },
    expected: { answer: { version: 3 } },
  },
  {
    name: 'a version to come',
    operation: 'playbooks.get',
    input: { playbookId: 'pbk_yolo_grape', version: 99 },
    expected: 'NOT_FOUND',
  },
  {
    name: 'get a patch',
    operation: 'patches.get',
    input: { patchId: patch.patchId },
    expected: { answer: { status: 'applied' } },
  },
  {
    name: 'get an unknown patch',
    operation: 'patches.get',
    input: { patchId: mintId('pch', rng, '2026-02-11T16:00:00Z') },
    expected: 'NOT_FOUND',
  },
  {
    name: 'weather',
    operation: 'weather.get',
    input: { weatherFeaturesId: 'wxf_20260211_demo_01' },
    expected: { answer: { sourceMode: 'demo' } },
  },
  {
    name: 'unknown weather',
    operation: 'weather.get',
    input: { weatherFeaturesId: 'wxf_20260211_none' },
    expected: 'NOT_FOUND',
  },
  { name: 'the audit', as: 'agronomist', operation: 'audit.list', input: { limit: 3 }, expected: {} },
  {
    name: 'the audit from an entry on',
    as: 'agronomist',
    operation: 'audit.list',
    input: { after: '1.0', limit: 2 },
    expected: {},
  },
  { name: 'the audit as scout', operation: 'audit.list', input: {}, expected: 'FORBIDDEN' },
]
