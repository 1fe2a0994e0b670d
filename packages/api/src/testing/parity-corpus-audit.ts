import type { Step } from './parity-corpus.ts'

/** The searches of the audit and the security log, on top of the corpus. */
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
]
