/** Why a record was not accepted: its short name, and what it means to who looks on. */
export const conflictsEn = {
  'code.FORBIDDEN': 'Not allowed',
  'code.OBSERVATION_ID_TAKEN': 'ID already used',
  'code.OBSERVATION_STALE_WRITE': 'Outdated',
  'code.OBSERVATION_IMMUTABLE': 'Already confirmed',
  'code.OBSERVATION_CORRECTION_STALE': 'Outdated correction',
  'code.RECOMMENDATION_ORPHAN': 'Note missing',
  'code.RECOMMENDATION_ID_TAKEN': 'ID already used',
  'code.RECOMMENDATION_STALE_WRITE': 'Outdated',
  'code.RECOMMENDATION_IMMUTABLE': 'Already decided',
  'code.PATCH_ID_REUSED': 'ID already used',
  'code.PLAYBOOK_UNKNOWN': 'Unknown playbook',
  'code.PLAYBOOK_VERSION_MISMATCH': 'Outdated playbook version',
  'code.PLAYBOOK_PATCH_PATH_NOT_ALLOWED': 'Not editable',
  'code.PLAYBOOK_PATCH_INVALID': 'Invalid value',

  'why.FORBIDDEN': 'The device’s role does not allow this kind of record.',
  'why.OBSERVATION_ID_TAKEN':
    'A note from another device already uses this ID. Both can be kept under different IDs.',
  'why.OBSERVATION_STALE_WRITE':
    'The server has a newer version of this draft, from another device or from a later change.',
  'why.OBSERVATION_IMMUTABLE':
    'The note had already been confirmed, and a confirmed note can only be changed by a correction.',
  'why.OBSERVATION_CORRECTION_STALE':
    'Someone else corrected this note first, so this correction was based on an outdated version.',
  'why.RECOMMENDATION_ORPHAN': 'The note this recommendation belongs to has not reached the server.',
  'why.RECOMMENDATION_ID_TAKEN':
    'Another recommendation already uses this ID. Both can be kept under different IDs.',
  'why.RECOMMENDATION_STALE_WRITE': 'The server has a newer version of this recommendation.',
  'why.RECOMMENDATION_IMMUTABLE': 'The recommendation had already been confirmed or rejected.',
  'why.PATCH_ID_REUSED': 'Another playbook change already uses this ID.',
  'why.PLAYBOOK_UNKNOWN': 'This workspace does not have this playbook.',
  'why.PLAYBOOK_VERSION_MISMATCH': 'The playbook was updated before this change arrived.',
  'why.PLAYBOOK_PATCH_PATH_NOT_ALLOWED': 'This value is not editable.',
  'why.PLAYBOOK_PATCH_INVALID': 'The change would make the playbook invalid.',
} as const
