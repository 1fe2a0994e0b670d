/** Why a record was not accepted: its short name, and what it means to who looks on. */
export const conflictsEn = {
  'code.FORBIDDEN': 'Not allowed',
  'code.OBSERVATION_ID_TAKEN': 'Id taken',
  'code.OBSERVATION_STALE_WRITE': 'Older than ours',
  'code.OBSERVATION_IMMUTABLE': 'Already confirmed',
  'code.OBSERVATION_CORRECTION_STALE': 'Corrected before',
  'code.RECOMMENDATION_ORPHAN': 'Observation missing',
  'code.RECOMMENDATION_ID_TAKEN': 'Id taken',
  'code.RECOMMENDATION_STALE_WRITE': 'Older than ours',
  'code.RECOMMENDATION_IMMUTABLE': 'Already decided',
  'code.PATCH_ID_REUSED': 'Id used twice',
  'code.PLAYBOOK_UNKNOWN': 'Unknown playbook',
  'code.PLAYBOOK_VERSION_MISMATCH': 'Older version',
  'code.PLAYBOOK_PATCH_PATH_NOT_ALLOWED': 'Not editable',
  'code.PLAYBOOK_PATCH_INVALID': 'Invalid value',

  'why.FORBIDDEN': 'The device’s role may not write such a record.',
  'why.OBSERVATION_ID_TAKEN':
    'Another device’s observation already has this id. Both can be kept under different ids.',
  'why.OBSERVATION_STALE_WRITE':
    'The server holds a newer version of this draft, from another device or a later change.',
  'why.OBSERVATION_IMMUTABLE':
    'The observation had been confirmed, and a confirmed one is only changed by a correction.',
  'why.OBSERVATION_CORRECTION_STALE':
    'Somebody corrected the observation first, so this correction rests on what is no longer there.',
  'why.RECOMMENDATION_ORPHAN':
    'The observation that the recommendation belongs to has not reached the server.',
  'why.RECOMMENDATION_ID_TAKEN':
    'Another recommendation already has this id. Both can be kept under different ids.',
  'why.RECOMMENDATION_STALE_WRITE': 'The server holds a newer version of this recommendation.',
  'why.RECOMMENDATION_IMMUTABLE': 'Somebody had already confirmed or rejected the recommendation.',
  'why.PATCH_ID_REUSED': 'Another playbook change already has this id.',
  'why.PLAYBOOK_UNKNOWN': 'The workspace has no such playbook.',
  'why.PLAYBOOK_VERSION_MISMATCH': 'The playbook got a new version before this change arrived.',
  'why.PLAYBOOK_PATCH_PATH_NOT_ALLOWED':
    'The change touches a value that the playbook does not let be edited.',
  'why.PLAYBOOK_PATCH_INVALID': 'With this change the playbook would no longer be valid.',
} as const
