/** What the app says while a device is set up: by a link, a code or a token. */
export const setupEn = {
  'setup.title': 'Set up this device',
  'setup.text':
    'Enter the details your administrator gave you. You can work offline: notes are kept on this device and sent when there is a connection.',
  'setup.deviceId': 'Device name',
  'setup.deviceId.hint': 'e.g. dev_scout_1',
  'setup.deviceId.problem': 'Use dev_ followed by lowercase letters, digits or _, e.g. dev_scout_1',
  'setup.token': 'Device token',
  'setup.token.hint': 'Keep it secret. You can also add it later in Settings.',
  'setup.server': 'Server address',
  'setup.server.problem': 'Enter an address like https://sync.example.com',
  'setup.link.title': 'With a link or code',
  'setup.link': 'Link or code',
  'setup.link.hint': 'Paste the whole link from your administrator, or type the code.',
  'setup.link.problem':
    'This link or code is not complete. Copy all of it, or ask your administrator for a new one.',
  'setup.scan': 'Scan QR code',
  'setup.scan.camera': 'Camera: point it at the QR code',
  'setup.scan.other': 'This QR code does not set up Fieldsync. Scan the one your administrator shows you.',
  'setup.scan.forbidden':
    'Fieldsync may not use the camera. Allow it in the system settings, or paste the link.',
  'setup.scan.settings': 'Open system settings',
  'setup.scan.cancel': 'Cancel',
  'setup.link.action': 'Set up',
  'setup.running': 'Setting up this device on {{server}}…',
  'setup.noAnswer':
    'The server is not responding. Check your connection, then try again: you can use the same code.',
  'setup.notOurs':
    'There is no Fieldsync server at this address. Check it, or ask your administrator for a new link; if the network asks you to sign in, sign in first.',
  'setup.opened':
    'You opened a link that sets up this device, which is already set up as {{device}}. Nothing changes until you tap Set up, and unsent notes are kept.',
  'setup.opened.ignore': 'Ignore this link',
  'setup.token.title': 'With a token',
  'setup.action': 'Continue',
} as const
