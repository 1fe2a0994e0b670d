import type { ConflictCode, ConflictResolution, UpsertEntityType } from '@fieldsync/contracts'

/** Which records a conflict code is about, and which resolutions go with it; no other pair is ever sent (CNF-1). */
export const CONFLICT_TABLE = {
  FORBIDDEN: {
    entityTypes: ['observation', 'recommendation', 'playbookPatch'],
    resolutions: ['fix', 'accept_server'],
  },
  OBSERVATION_ID_TAKEN: { entityTypes: ['observation'], resolutions: ['rename'] },
  OBSERVATION_STALE_WRITE: { entityTypes: ['observation'], resolutions: ['accept_server'] },
  OBSERVATION_IMMUTABLE: { entityTypes: ['observation'], resolutions: ['correct'] },
  OBSERVATION_CORRECTION_STALE: { entityTypes: ['observation'], resolutions: ['correct'] },
  RECOMMENDATION_ORPHAN: { entityTypes: ['recommendation'], resolutions: ['resubmit'] },
  RECOMMENDATION_ID_TAKEN: { entityTypes: ['recommendation'], resolutions: ['rename'] },
  RECOMMENDATION_STALE_WRITE: { entityTypes: ['recommendation'], resolutions: ['accept_server'] },
  RECOMMENDATION_IMMUTABLE: { entityTypes: ['recommendation'], resolutions: ['accept_server'] },
  PATCH_ID_REUSED: { entityTypes: ['playbookPatch'], resolutions: ['rename'] },
  PLAYBOOK_UNKNOWN: { entityTypes: ['playbookPatch'], resolutions: ['fix'] },
  PLAYBOOK_VERSION_MISMATCH: { entityTypes: ['playbookPatch'], resolutions: ['rebase'] },
  PLAYBOOK_PATCH_PATH_NOT_ALLOWED: { entityTypes: ['playbookPatch'], resolutions: ['fix'] },
  PLAYBOOK_PATCH_INVALID: { entityTypes: ['playbookPatch'], resolutions: ['fix'] },
} as const satisfies Record<
  ConflictCode,
  {
    entityTypes: readonly [UpsertEntityType, ...UpsertEntityType[]]
    resolutions: readonly [ConflictResolution, ...ConflictResolution[]]
  }
>
