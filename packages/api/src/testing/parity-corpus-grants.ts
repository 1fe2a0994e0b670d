import type { Step } from './parity-corpus.ts'

/** The calls about grants, on top of the corpus. */
export const GRANTS_CORPUS: readonly Step[] = [
  {
    name: 'grant a part of the playbook',
    as: 'admin',
    operation: 'grants.create',
    input: { deviceId: 'dev_admin', playbookId: 'pbk_yolo_grape', path: '/rules', actions: ['publish'] },
    expected: { answer: { deviceId: 'dev_admin', path: '/rules', actions: ['publish'] }, replayed: false },
  },
  {
    name: 'grant it again',
    as: 'admin',
    operation: 'grants.create',
    input: { deviceId: 'dev_admin', playbookId: 'pbk_yolo_grape', path: '/rules', actions: ['publish'] },
    expected: { answer: { path: '/rules' }, replayed: true },
  },
  {
    name: 'grant what is no place',
    as: 'admin',
    operation: 'grants.create',
    key: 'no place',
    input: { deviceId: 'dev_admin', path: 'rules', actions: ['edit'] },
    expected: 'VALIDATION_ERROR',
  },
  {
    name: 'grant as a scout',
    operation: 'grants.create',
    key: 'as a scout',
    input: { deviceId: 'dev_admin', path: '', actions: ['edit'] },
    expected: 'FORBIDDEN',
  },
  {
    name: 'grants of one holder',
    as: 'admin',
    operation: 'grants.list',
    input: { deviceId: 'dev_admin', state: 'ended', limit: 1 },
    expected: { answer: [] },
  },
  {
    name: 'end a grant that is not there',
    as: 'admin',
    operation: 'grants.revoke',
    input: { grantId: `grt_${'0'.repeat(32)}` },
    expected: 'NOT_FOUND',
  },
]
