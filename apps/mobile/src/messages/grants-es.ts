import type { Translation } from '@fieldsync/messages'

import type { grantsEn } from './grants-en.ts'

export const grantsEs: Translation<typeof grantsEn> = {
  'grant.missing': 'No tiene permiso para cambiar este valor. Hable con su administrador.',
  'grant.ended': 'Hasta el {{at}} tuvo permiso para cambiar este valor. Hable con su administrador.',
  'grant.begins': 'Desde el {{at}} tendrá permiso para cambiar este valor.',
  'grant.fourEyes':
    'Aquí los cambios del manual necesitan dos personas. Propóngalo en la consola; desde este dispositivo se rechazará.',
  'grant.fourEyes.refused':
    'Aquí los cambios del manual necesitan dos personas. Descarte este y propóngalo en la consola.',
  'grant.retired':
    'Este manual fue retirado. Descarte el cambio, o pida a su administrador que lo publique de nuevo.',
}
