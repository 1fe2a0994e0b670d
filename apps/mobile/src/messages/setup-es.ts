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
  'setup.link.title': 'Con un enlace o código',
  'setup.link': 'Enlace o código',
  'setup.link.hint': 'Pegue el enlace completo de su administrador o escriba el código.',
  'setup.link.problem':
    'Este enlace o código no está completo. Cópielo entero o pida uno nuevo a su administrador.',
  'setup.scan': 'Escanear código QR',
  'setup.scan.camera': 'Cámara: apúntela al código QR',
  'setup.scan.other':
    'Este código QR no sirve para configurar Fieldsync. Escanee el que le muestra su administrador.',
  'setup.scan.forbidden':
    'Fieldsync no tiene permiso para usar la cámara. Concédalo en los ajustes del sistema o pegue el enlace.',
  'setup.scan.settings': 'Abrir los ajustes del sistema',
  'setup.scan.cancel': 'Cancelar',
  'setup.link.action': 'Configurar',
  'setup.running': 'Configurando este dispositivo en {{server}}…',
  'setup.noAnswer':
    'El servidor no responde. Revise la conexión e inténtelo de nuevo: puede usar el mismo código.',
  'setup.notOurs':
    'En esta dirección no hay un servidor de Fieldsync. Revísela o pida un enlace nuevo a su administrador; si la red le pide iniciar sesión, hágalo primero.',
  'setup.opened':
    'Abrió un enlace para configurar este dispositivo, que ya está configurado como {{device}}. Nada cambia hasta que toque Configurar, y las notas sin enviar se conservan.',
  'setup.opened.ignore': 'Ignorar este enlace',
  'setup.token.title': 'Con un token',
  'setup.action': 'Continuar',
}
