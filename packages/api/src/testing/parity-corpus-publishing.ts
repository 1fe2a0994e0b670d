import { playbook } from '@fieldsync/testkit'

import type { Step } from './parity-corpus.ts'

/** The calls that publish, and on proposals, on top of those of operators. */
export const PUBLISHING_CORPUS: readonly Step[] = [
  {
    name: 'publish a version as a scout',
    operation: 'playbooks.publish',
    key: 'as a scout',
    input: { playbookId: 'pbk_yolo_grape', baseVersion: 4, document: playbook(), reason: 'As agreed' },
    expected: 'FORBIDDEN',
  },
  {
    name: 'publish a version with what is no playbook',
    as: 'admin',
    operation: 'playbooks.publish',
    key: 'no playbook',
    input: {
      playbookId: 'pbk_yolo_grape',
      baseVersion: 4,
      document: { ...playbook(), crop: 'wheat' },
      reason: 'As agreed',
    },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'publish a version of another playbook',
    as: 'admin',
    operation: 'playbooks.publish',
    key: 'another playbook',
    input: {
      playbookId: 'pbk_yolo_grape',
      baseVersion: 4,
      document: playbook({ playbookId: 'pbk_other' }),
      reason: 'As agreed',
    },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'publish a version',
    as: 'admin',
    operation: 'playbooks.publish',
    input: { playbookId: 'pbk_yolo_grape', baseVersion: 4, document: playbook(), reason: 'As agreed' },
    expected: { answer: { kind: 'publication', oldVersion: 4, newVersion: 5 }, replayed: false },
  },
  {
    name: 'publish it again on the same base',
    as: 'admin',
    operation: 'playbooks.publish',
    key: 'the same base',
    input: { playbookId: 'pbk_yolo_grape', baseVersion: 4, document: playbook(), reason: 'Again' },
    expected: 'PLAYBOOK_VERSION_MISMATCH',
  },
  {
    name: 'create a playbook that is there',
    as: 'admin',
    operation: 'playbooks.create',
    input: { document: playbook(), reason: 'As agreed' },
    expected: 'CONFLICT',
  },
  {
    name: 'roll back',
    as: 'admin',
    operation: 'playbooks.rollBack',
    input: { playbookId: 'pbk_yolo_grape', baseVersion: 5, toVersion: 4, reason: 'It was better' },
    expected: { answer: { kind: 'rollback', newVersion: 6 }, replayed: false },
  },
  {
    name: 'roll back to a version that is not there',
    as: 'admin',
    operation: 'playbooks.rollBack',
    key: 'no version',
    input: { playbookId: 'pbk_yolo_grape', baseVersion: 6, toVersion: 99, reason: 'It was better' },
    expected: 'NOT_FOUND',
  },
  {
    name: 'retire it',
    as: 'admin',
    operation: 'playbooks.retire',
    input: { playbookId: 'pbk_yolo_grape', baseVersion: 6, reason: 'No longer grown' },
    expected: { answer: { kind: 'retirement', newVersion: 7 }, replayed: false },
  },
  {
    name: 'read a retired playbook',
    operation: 'playbooks.get',
    input: { playbookId: 'pbk_yolo_grape' },
    expected: { answer: { version: 7, retiredAt: '2026-02-12T08:00:00.000Z' } },
  },
  { name: 'proposals', operation: 'proposals.list', input: {}, expected: { answer: [] } },
  {
    name: 'a proposal that is not there',
    operation: 'proposals.get',
    input: { proposalId: 'prp_1' },
    expected: 'NOT_FOUND',
  },
  {
    name: 'a proposal by another name',
    operation: 'proposals.get',
    input: { proposalId: 'prp_01' },
    expected: 'VALIDATION_ERROR',
  },
  ...(['approve', 'reject', 'withdraw'] as const).map((verb): Step => ({
    name: `${verb} a proposal that is not there`,
    as: 'admin',
    operation: `proposals.${verb}`,
    input: { proposalId: 'prp_1', reason: 'Not now' },
    expected: 'NOT_FOUND',
  })),
]
