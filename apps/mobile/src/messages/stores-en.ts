/** What the app says about where notes lie: in this browser, and under other connections. */
export const storesEn = {
  'storage.title': 'Storage on this device',
  'storage.safe': 'Protected: your notes stay on this device until you delete them.',
  'storage.evictable': 'This browser may delete stored data when the device runs low on space.',
  'storage.iosBrowser': 'Safari deletes stored data after seven days without a visit.',
  'storage.iosBrowser.how':
    'On an iPhone or iPad, install the app first: in Safari, tap Share, then Add to Home Screen, and open it from there. The installed app has its own storage, so set it up there; notes from this tab do not move over.',
  'storage.unsent_one': '1 note is stored only here.',
  'storage.unsent_other': '{{count}} notes are stored only here.',
  'storage.protect': 'Protect storage',
  'storage.refused':
    'The browser did not agree. Install the app (browser menu, Add to Home Screen), and sync as often as you can.',
  'stores.title': 'Other connections',
  'stores.text':
    'These notes were written under another device name or for another server. They stay on this device until they are sent.',
  'stores.unsent_one': 'One change of {{device}} is not sent yet ({{where}}).',
  'stores.unsent_other': '{{count}} changes of {{device}} are not sent yet ({{where}}).',
  'stores.localOnly_one':
    'One record of {{device}} is only on this device: its server no longer has it ({{where}}).',
  'stores.localOnly_other':
    '{{count}} records of {{device}} are only on this device: their server no longer has them ({{where}}).',
  'stores.unread': 'The notes of {{device}} ({{where}}) cannot be read: {{problem}}',
  'stores.send': 'Send now',
  'stores.sending': 'Sent automatically as soon as their server answers.',
  'stores.waiting': 'Not sent yet: {{problem}}',
  'stores.export': 'Export notes of {{device}}',
  'stores.elsewhere_one': 'One change from another connection is not sent yet.',
  'stores.elsewhere_other': '{{count}} changes from another connection are not sent yet.',
  'stores.elsewhere.localOnly_one': 'One record from another connection is only on this device.',
  'stores.elsewhere.localOnly_other': '{{count}} records from another connection are only on this device.',
  'stores.elsewhere.action': 'Show',
  'stores.leave_one': 'One change of {{device}} is not sent yet.',
  'stores.leave_other': '{{count}} changes of {{device}} are not sent yet.',
  'stores.leave.text':
    'Unsent changes are never sent under another device name or to another server. What should happen to them?',
  'stores.leave.send': 'Send with the old connection',
  'stores.leave.export': 'Export to a file',
  'stores.leave.exported': 'Exported. The changes are still on this device too.',
  'stores.leave.keep': 'Keep on this device, do not send',
  'stores.leave.stay': 'Cancel',
  'stores.foreign.title': 'Notes of another workspace',
  'stores.foreign.other_device':
    'The notes on this device belong to {{device}}. They are not shown or sent here.',
  'stores.foreign.other_workspace':
    'The notes on this device belong to another workspace than {{here}}. Nothing is sent before you decide.',
  'stores.foreign.unknown_workspace':
    '{{here}} does not recognize the notes on this device. Nothing is sent before you decide.',
  'stores.foreign.none': 'All of these notes have been sent.',
  'stores.foreign.mayLack':
    'Everything was sent before, but {{here}} may not have it: these may be the last copies. Export them before you decide.',
  'stores.foreign.unsent_one': 'One change is not sent yet.',
  'stores.foreign.unsent_other': '{{count}} changes are not sent yet.',
  'stores.foreign.send': 'Send with their own token',
  'stores.foreign.sent': 'Sent to their own workspace.',
  'stores.foreign.keep': 'Keep them, start empty here',
  'stores.foreign.keep.hint': 'They stay on this device, listed in Settings.',
  'stores.foreign.adopt': 'They belong to {{here}}: send them there',
  'stores.foreign.adopt.hint': 'Only if this is your own company, for example on a new server.',
} as const
