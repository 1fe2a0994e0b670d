/** What the app says about where notes lie: in this browser, and under other connections. */
export const storesEn = {
  'app.failed.cause': 'Cause: {{message}}',
  'app.failed.unavailable':
    'This device is not giving the app access to its storage right now. Restart the browser or the phone, then try again. In a private window, storage may be turned off.',
  'app.failed.damaged':
    'The app’s storage is damaged. Before you do anything else, export what is there and send the file to your administrator.',
  'app.failed.locked':
    'The notes on this device are encrypted, and their key is missing or has changed. Nothing was deleted. Ask your administrator before you set up this device again.',
  'app.failed.blocked':
    'Another tab or window is using the storage. Close the other tabs of this app, then try again.',
  'app.failed.full':
    'There is not enough storage on this device. Free up some space, then try again; your notes are still here.',
  'app.failed.newer':
    'These notes were saved by a newer version of the app. Reload or update the app, then try again.',
  'app.failed.title': 'Your notes could not be opened',
  'wipe.title': 'Wiping this device',
  'wipe.deleting':
    'An administrator of {{workspace}} is wiping this device. Everything stored on it is being deleted.',
  'wipe.acknowledging':
    'Everything stored on this device was deleted. This is reported to the server as soon as there is a connection.',
  'wipe.done_one':
    'This device was wiped by an administrator of {{workspace}}. {{count}} unsent note was deleted.',
  'wipe.done_other':
    'This device was wiped by an administrator of {{workspace}}. {{count}} unsent notes were deleted.',
  'wipe.workspace': 'your workspace',
  'storage.title': 'Storage on this device',
  'storage.safe': 'Protected: your notes stay on this device until you delete them.',
  'storage.evictable': 'This browser may delete stored data if the device runs low on space.',
  'storage.iosBrowser': 'Safari deletes stored data after seven days without a visit.',
  'storage.iosBrowser.how':
    'On an iPhone or iPad, install the app first: in Safari, tap Share, then Add to Home Screen, and open it from there. The installed app has its own storage, so set it up there; notes from this tab are not transferred.',
  'storage.unsent_one': '{{count}} note is stored only here.',
  'storage.unsent_other': '{{count}} notes are stored only here.',
  'storage.protect': 'Protect storage',
  'storage.refused':
    'The browser did not allow it. Install the app (browser menu, Add to Home Screen), and sync as often as you can.',
  'stores.title': 'Other connections',
  'stores.text':
    'These notes were written under another device name or for another server. They stay on this device until they are sent.',
  'stores.unsent_one': '{{device}} has {{count}} unsent change ({{where}}).',
  'stores.unsent_other': '{{device}} has {{count}} unsent changes ({{where}}).',
  'stores.localOnly_one':
    '{{count}} record from {{device}} is only on this device: its server no longer has it ({{where}}).',
  'stores.localOnly_other':
    '{{count}} records from {{device}} are only on this device: their server no longer has them ({{where}}).',
  'stores.unread': 'The notes from {{device}} ({{where}}) could not be read.',
  'stores.send': 'Send now',
  'stores.sending': 'Sent automatically as soon as their server responds.',
  'stores.waiting': 'Not sent yet: {{problem}}',
  'stores.export': 'Export notes from {{device}}',
  'stores.elsewhere_one': '{{count}} unsent change from another connection.',
  'stores.elsewhere_other': '{{count}} unsent changes from another connection.',
  'stores.elsewhere.localOnly_one': '{{count}} record from another connection is only on this device.',
  'stores.elsewhere.localOnly_other': '{{count}} records from another connection are only on this device.',
  'stores.elsewhere.action': 'Show',
  'stores.leave_one': '{{device}} has {{count}} unsent change.',
  'stores.leave_other': '{{device}} has {{count}} unsent changes.',
  'stores.leave.text':
    'Unsent changes are never sent under another device name or to another server. What should happen to them?',
  'stores.leave.send': 'Send with the old connection',
  'stores.leave.export': 'Export to a file',
  'stores.leave.exported': 'Exported. The changes are still on this device too.',
  'stores.leave.keep': 'Keep on this device without sending',
  'stores.leave.stay': 'Cancel',
  'stores.foreign.title': 'Notes from another workspace',
  'stores.foreign.other_device':
    'The notes on this device belong to {{device}}. They are not shown or sent here.',
  'stores.foreign.other_workspace':
    'The notes on this device belong to another workspace, not to {{here}}. Nothing is sent until you decide.',
  'stores.foreign.unknown_workspace':
    '{{here}} does not recognize the notes on this device. Nothing is sent until you decide.',
  'stores.foreign.none': 'All of these notes have been sent.',
  'stores.foreign.mayLack':
    'Everything was sent before, but {{here}} may not have it: these may be the last copies. Export them before you decide.',
  'stores.foreign.unsent_one': '{{count}} unsent change.',
  'stores.foreign.unsent_other': '{{count}} unsent changes.',
  'stores.foreign.send': 'Send to their own workspace',
  'stores.foreign.sent': 'Sent to their own workspace.',
  'stores.foreign.keep': 'Keep them and start empty here',
  'stores.foreign.keep.hint': 'They stay on this device, listed in Settings.',
  'stores.foreign.adopt': 'They belong to {{here}}: send them there',
  'stores.foreign.adopt.hint': 'Only if this is your own company, e.g. on a new server.',
} as const
