/** What the app says while a device is set up. */
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
  'setup.action': 'Continue',
} as const
