import type { Translation } from '@fieldsync/messages'

import type { setupEn } from './setup-en.ts'

export const setupEs: Translation<typeof setupEn> = {
  'setup.title': 'Configurar este dispositivo',
  'setup.text':
    'Introduzca los datos que le dio su administrador. Puede trabajar sin conexión: las notas se guardan en este dispositivo y se envían cuando haya red.',
  'setup.deviceId': 'Nombre del dispositivo',
  'setup.deviceId.hint': 'Por ejemplo, dev_scout_1',
  'setup.deviceId.problem': 'Use dev_ seguido de minúsculas, cifras o _, por ejemplo, dev_scout_1',
  'setup.token': 'Token del dispositivo',
  'setup.token.hint': 'No lo comparta. También puede agregarlo más tarde en Ajustes.',
  'setup.server': 'Dirección del servidor',
  'setup.server.problem': 'Escriba una dirección como https://sync.example.com',
  'setup.action': 'Continuar',
}
