/** What a device says of a change of the playbook that it was not granted (PCH-7). */
export const grantsEn = {
  'grant.missing': 'You have no permission to change this value. Ask your administrator.',
  'grant.ended': 'Your permission to change this value ended on {{at}}. Ask your administrator.',
  'grant.begins': 'Your permission to change this value begins on {{at}}.',
  'grant.fourEyes':
    'Changes to the playbook take two people here. Propose this one in the console; from this device it will be refused.',
  'grant.fourEyes.refused':
    'Changes to the playbook take two people here. Discard this one, and propose it in the console.',
  'grant.retired':
    'This playbook was retired. Discard the change, or ask your administrator to publish it again.',
} as const
