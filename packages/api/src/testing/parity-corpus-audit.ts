import type { Step } from './parity-corpus.ts'

/** Searches of the audit, the security log, checkpoints and erasure, on top of the corpus. */
export const AUDIT_CORPUS: readonly Step[] = [
  {
    name: 'the audit of a playbook',
    as: 'agronomist',
    operation: 'audit.list',
    input: { recordId: 'pbk_yolo_grape', action: 'workspace.create', limit: 5 },
    expected: {
      answer: [{ action: 'workspace.create', target: { type: 'playbook', id: 'pbk_yolo_grape' } }],
    },
  },
  {
    name: 'the audit at no pointer',
    as: 'agronomist',
    operation: 'audit.list',
    input: { path: 'rules' },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'refused attempts before the first',
    as: 'admin',
    operation: 'security.list',
    input: { cursor: 'k1' },
    expected: { answer: [] },
  },
  {
    name: 'refused attempts as an agronomist',
    as: 'agronomist',
    operation: 'security.list',
    input: {},
    expected: 'FORBIDDEN',
  },
  {
    name: 'erase an observation',
    as: 'admin',
    operation: 'observations.erase',
    input: { observationIds: ['obs_20260211_0009'], reason: 'Asked for' },
    expected: {
      answer: { erased: [{ entityType: 'observation', entityId: 'obs_20260211_0009' }], droppedAnswers: 0 },
      replayed: false,
    },
  },
  {
    name: 'erase without a reason',
    as: 'admin',
    operation: 'observations.erase',
    input: { observationIds: ['obs_20260211_0009'] },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'the state of the audit',
    operation: 'audit.state',
    as: 'admin',
    input: {},
    expected: { answer: { checkpoint: null, stores: [], problem: null, witnesses: [] } },
  },
  {
    name: 'acknowledge a loss where there is none',
    as: 'admin',
    operation: 'audit.acknowledgeLoss',
    input: { reason: 'Restored' },
    expected: { answer: { checkpoints: [] }, replayed: false },
  },
  {
    name: 'acknowledge a loss as a scout',
    operation: 'audit.acknowledgeLoss',
    input: { reason: 'Restored' },
    expected: 'FORBIDDEN',
  },
]
