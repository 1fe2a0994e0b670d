import type {
  AuthReason,
  BreachCode,
  ContractReason,
  ErrorCode,
  ForbiddenReason,
  GenerationReason,
  PeopleReason,
  PublishingReason,
  SettingsReason,
} from '@fieldsync/contracts'

/** Every code of the contract that explains an error; a new code does not compile until it has a text. */
export type ErrorTexts = Readonly<
  Record<
    | `server.${ErrorCode | 'unknown'}`
    | `authReason.${AuthReason}`
    | `forbiddenReason.${ForbiddenReason}`
    | `contractReason.${ContractReason}`
    | `settingsReason.${SettingsReason}`
    | `publishingReason.${PublishingReason}`
    | `peopleReason.${PeopleReason}`
    | `generationReason.${GenerationReason}`
    | `breach.${Exclude<BreachCode, 'list_short'> | 'list_short_one' | 'list_short_other' | 'unknown'}`,
    string
  >
>

/** What went wrong at the server, by its code, and what is wrong with a value. */
export const errorsEn = {
  'server.VALIDATION_ERROR': 'The server did not accept what was sent. Update the app, then try again.',
  'server.PLAYBOOK_PATCH_PATH_NOT_ALLOWED': 'This playbook value cannot be changed.',
  'server.PLAYBOOK_PATCH_INVALID': 'The change would make the playbook invalid.',
  'server.AUTH_REQUIRED': 'The server does not accept this device’s token.',
  'server.FORBIDDEN': 'You do not have permission to do this. Ask a workspace administrator.',
  'server.NOT_FOUND': 'Not found on this server.',
  'server.METHOD_NOT_ALLOWED': 'The server does not support this. Check its address, or update the app.',
  'server.CONFLICT': 'This already exists, or was changed in the meantime.',
  'server.IDEMPOTENCY_CONFLICT': 'The server already received something else under the same ID.',
  'server.PLAYBOOK_VERSION_MISMATCH': 'The playbook was updated in the meantime.',
  'server.CURSOR_INVALID':
    'The server no longer knows how far this device was. It downloads everything again.',
  'server.CONTRACT_UNSUPPORTED': 'This app and the server are too far apart to work together. Update both.',
  'server.ENROLLMENT_INVALID': 'This code is not valid. Ask your administrator for a new one.',
  'server.PAYLOAD_TOO_LARGE': 'This is larger than the server accepts.',
  'server.UNSUPPORTED_MEDIA_TYPE': 'The server could not read what was sent. Update the app, then try again.',
  'server.RATE_LIMITED': 'Too many requests. Wait a moment, then try again.',
  'server.INTERNAL_ERROR': 'The server had an internal error. Try again later.',
  'server.UNAVAILABLE': 'The server is not available at the moment. Try again later.',
  'server.unknown': 'The server rejected this ({{code}}).',

  'authReason.missing': 'No token was sent.',
  'authReason.invalid': 'The server does not know this device’s token.',
  'authReason.expired': 'This device’s token has expired. Ask your administrator for a new one.',
  'authReason.binding': 'This device’s access could not be confirmed. Try again.',
  'authReason.key_mismatch':
    'This device’s key is not the one it was set up with. Ask your administrator to set it up again.',
  'authReason.nonce': 'This device’s access has to be confirmed again. Try again.',
  'authReason.replayed': 'This request was sent before. Try again.',
  'authReason.proof_invalid': 'This device’s key could not be checked. Try again.',
  'authReason.clock_skew': 'The clock of this device is wrong. Set it, then try again.',
  'authReason.unconfirmed': 'An administrator has to confirm this device first.',
  'authReason.wipe': 'An administrator is having this device wiped. What is stored on it is deleted.',
  'authReason.revoked': 'This device was revoked. Ask your administrator for a new token.',
  'authReason.token_refused':
    'Your company no longer accepts device tokens. Ask your administrator to set this device up with a key.',

  'forbiddenReason.device_mismatch': 'This token belongs to another device.',
  'forbiddenReason.credential_mismatch': 'Two tokens of different devices were sent.',
  'forbiddenReason.role': 'This device’s role does not allow this. Ask your administrator.',
  'forbiddenReason.membership': 'You have no access to this workspace. Ask its administrator.',
  'forbiddenReason.origin': 'This request came from another site, and was not carried out.',
  'forbiddenReason.https': 'Signing in needs an https address.',
  'forbiddenReason.reauthenticate': 'Confirm that it is you: enter your password again.',
  'forbiddenReason.second_factor': 'This workspace requires a second factor. Set yours up, then go on.',
  'forbiddenReason.scope': 'This token does not allow this. Ask your administrator.',
  'forbiddenReason.grant': 'You have no permission for this part of the playbook. Ask your administrator.',
  'forbiddenReason.four_eyes': 'Changes of a playbook take two people here: one proposes, another approves.',

  'contractReason.client_older':
    'This app is too old for the server. Update the app; until then your notes stay on this device.',
  'contractReason.client_newer':
    'The server is too old for this app. Ask your administrator to update it; until then your notes stay on this device.',

  'publishingReason.exists': 'There is one with this id already.',
  'publishingReason.unchanged': 'This changes nothing: the active version already says so.',
  'publishingReason.retired': 'This playbook is retired already.',
  'publishingReason.too_many': 'There are too many of them in this workspace.',
  'publishingReason.decided': 'This proposal was decided already.',
  'publishingReason.stale':
    'The playbook has changed since this was proposed. Propose it again on the new version.',
  'generationReason.no_rule': 'The playbook has no rule for this issue and severity.',
  'generationReason.window_reversed':
    'The playbook’s rule ends before it starts. An agronomist has to correct it.',
  'generationReason.no_playbook': 'There is no playbook in use for this crop.',
  'generationReason.several_playbooks': 'There are several playbooks in use for this crop. Choose one.',
  'generationReason.playbook_retired': 'This playbook is retired. Choose another one.',
  'peopleReason.last_admin':
    'This is the last administrator of the workspace. Make another person an administrator first.',
  'peopleReason.has_access': 'This person already has access to the workspace.',
  'peopleReason.access_ended': 'The access of this person has ended. Invite them again.',
  'peopleReason.accepted': 'The invitation was accepted meanwhile. End the access of the person instead.',
  'peopleReason.has_account':
    'There is already an account with this address. Sign in with it first, then open the link again.',
  'peopleReason.other_account':
    'This invitation is for another address. Sign in with the account of that address, then open the link again.',
  'settingsReason.settings_version':
    'Another administrator has changed the settings. Look at them, then make your change again.',
  'settingsReason.no_admin_key':
    'No administrator’s device has used a key yet, so nobody could undo this. Enroll the device of an administrator first.',
  'settingsReason.no_second_factor':
    'You have no second factor yet, and would shut yourself out. Set yours up first, on the page “Your account”.',
  'settingsReason.tokens_refused':
    'This workspace no longer accepts device tokens. Enroll the device with a key instead.',

  'breach.required': 'Required',
  'breach.unknown_key': 'Unknown field',
  'breach.wrong_type': 'Not a valid value',
  'breach.not_whole': 'Must be a whole number',
  'breach.not_a_choice': 'Not one of the possible values',
  'breach.number_small': 'Must be {{bound}} or more',
  'breach.number_large': 'Must be {{bound}} or less',
  'breach.text_empty': 'Must not be empty',
  'breach.text_short': 'At least {{bound}} characters',
  'breach.text_long': 'At most {{bound}} characters',
  'breach.list_short_one': 'At least {{count}} entry',
  'breach.list_short_other': 'At least {{count}} entries',
  'breach.list_long': 'At most {{bound}} entries',
  'breach.format': 'Not in the required format',
  'breach.format_instant': 'Not a date and time with a time zone',
  'breach.format_time_window': 'Enter a time range like 04:30-07:00',
  'breach.unstorable_text': 'Contains characters that cannot be stored',
  'breach.too_many_rules': 'Too many rules',
  'breach.too_deep': 'Nested too deeply',
  'breach.too_large': 'Larger than the server accepts',
  'breach.too_many_keys': 'Too many fields',
  'breach.not_editable': 'Not editable in this playbook',
  'breach.not_granted': 'You have no permission to change this',
  'breach.not_applicable': 'Does not fit this version of the playbook',
  'breach.other': 'Not valid',
  'breach.unknown': 'The server does not accept this value',
} as const satisfies ErrorTexts
