/** What a device says of a change of the playbook that it was not granted (PCH-7). */
export const grantsEn = {
  'grant.missing': 'You have no permission to change this value. Ask your administrator.',
  'grant.ended': 'Your permission to change this value ended on {{at}}. Ask your administrator.',
  'grant.begins': 'Your permission to change this value begins on {{at}}.',
} as const
