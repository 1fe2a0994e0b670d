import type { Translation } from '@fieldsync/messages'

import type { grantsEn } from './grants-en.ts'

export const grantsEs: Translation<typeof grantsEn> = {
  'grant.missing': 'No tiene permiso para cambiar este valor. Hable con su administrador.',
  'grant.ended': 'Hasta el {{at}} tuvo permiso para cambiar este valor. Hable con su administrador.',
  'grant.begins': 'Desde el {{at}} tendrá permiso para cambiar este valor.',
}
