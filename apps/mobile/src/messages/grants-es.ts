import type { Translation } from '@fieldsync/messages'

import type { grantsEn } from './grants-en.ts'

export const grantsEs: Translation<typeof grantsEn> = {
  'grant.missing': 'No tiene permiso para cambiar este valor. Hable con su administrador.',
  'grant.ended': 'Su permiso para cambiar este valor terminó el {{at}}. Hable con su administrador.',
  'grant.begins': 'Su permiso para cambiar este valor empieza el {{at}}.',
}
