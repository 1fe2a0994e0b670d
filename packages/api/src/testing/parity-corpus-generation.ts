import type { Step } from './parity-corpus.ts'
import { fresh, unknownId } from './parity-records.ts'

/** Recommendations that the server generates, in the workspace that the corpus has filled. */
export const GENERATION_CORPUS: readonly Step[] = [
  {
    name: 'generate a recommendation',
    operation: 'recommendations.generate',
    input: { observationId: fresh.observationId, playbookId: 'pbk_yolo_grape' },
    expected: { answer: { observationId: fresh.observationId, status: 'pending_confirmation' } },
  },
  {
    name: 'generate one for an unknown observation',
    key: 'generate-0',
    operation: 'recommendations.generate',
    input: { observationId: unknownId },
    expected: 'NOT_FOUND',
  },
  {
    name: 'generate one by a version that is not active',
    key: 'generate-1',
    operation: 'recommendations.generate',
    input: { observationId: fresh.observationId, playbookId: 'pbk_yolo_grape', playbookVersion: 1 },
    expected: 'PLAYBOOK_VERSION_MISMATCH',
  },
  {
    name: 'generate one as a viewer',
    as: 'viewer',
    key: 'generate-2',
    operation: 'recommendations.generate',
    input: { observationId: fresh.observationId },
    expected: 'FORBIDDEN',
  },
]
