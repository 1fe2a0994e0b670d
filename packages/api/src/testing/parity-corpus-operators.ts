import type { Step } from './parity-corpus.ts'
import { confirmed, patch, push } from './parity-records.ts'

/** The calls of operators, on top of the corpus. */
export const OPERATORS_CORPUS: readonly Step[] = [
  {
    name: 'versions of a playbook',
    operation: 'playbooks.versions',
    input: { playbookId: 'pbk_yolo_grape', limit: 1 },
    expected: { answer: [{ version: 4, patch }] },
  },
  {
    name: 'versions of an unknown one',
    operation: 'playbooks.versions',
    input: { playbookId: 'pbk_unknown' },
    expected: 'NOT_FOUND',
  },
  { name: 'the session', operation: 'session.get', input: {}, expected: { answer: { role: 'scout' } } },
  {
    name: 'the overview with a parameter',
    operation: 'overview.get',
    input: { hours: 2 },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'devices in no state',
    operation: 'devices.list',
    input: { state: 'asleep' },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'devices from nowhere',
    operation: 'devices.list',
    input: { cursor: 'k1' },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'make a device',
    as: 'admin',
    operation: 'devices.create',
    input: { deviceId: 'dev_made', role: 'scout' },
    expected: { answer: { deviceId: 'dev_made', role: 'scout' }, replayed: false },
  },
  {
    name: 'make it again',
    as: 'admin',
    operation: 'devices.create',
    input: { deviceId: 'dev_made', role: 'scout' },
    expected: { answer: { token: null }, replayed: true },
  },
  {
    name: 'make it under another key',
    as: 'admin',
    operation: 'devices.create',
    key: 'another device',
    input: { deviceId: 'dev_made', role: 'scout' },
    expected: 'CONFLICT',
  },
  {
    name: 'make a service',
    as: 'admin',
    operation: 'devices.create',
    input: { deviceId: 'dev_made_2', role: 'service' },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'make one as agronomist',
    as: 'agronomist',
    operation: 'devices.create',
    input: { deviceId: 'dev_made_2', role: 'scout' },
    expected: 'FORBIDDEN',
  },
  {
    name: 'revoke a device',
    as: 'admin',
    operation: 'devices.revoke',
    input: { deviceId: 'dev_made' },
    expected: { answer: { deviceId: 'dev_made', alreadyRevoked: false } },
  },
  {
    name: 'revoke an unknown one',
    as: 'admin',
    operation: 'devices.revoke',
    key: 'another device',
    input: { deviceId: 'dev_none' },
    expected: 'NOT_FOUND',
  },
  {
    name: 'batches with a conflict',
    operation: 'syncs.list',
    input: { code: 'RECOMMENDATION_ORPHAN', from: '2026-01-01T00:00:00+01:00' },
    expected: { answer: [{ conflicts: 3, sent: { observations: 2, recommendations: 1 } }] },
  },
  {
    name: 'batches from nowhere',
    operation: 'syncs.list',
    input: { cursor: 't1' },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'one batch',
    operation: 'syncs.get',
    input: { deviceId: 'dev_scout_1', syncId: push.syncId },
    expected: { answer: { syncId: push.syncId, toldConflicts: [] } },
  },
  {
    name: 'one that was not sent',
    operation: 'syncs.get',
    input: { deviceId: 'dev_scout_1', syncId: 'a/b c?d#e' },
    expected: 'NOT_FOUND',
  },
  {
    name: 'observations, narrowed',
    operation: 'observations.list',
    input: { status: 'confirmed', text: 'BLOCK 9, not', deviceId: 'dev_scout_1' },
    expected: { answer: [{ observationId: confirmed.observationId }] },
  },
]
