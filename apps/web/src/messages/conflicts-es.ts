import type { Translation } from '@fieldsync/messages'

import type { conflictsEn } from './conflicts-en.ts'

export const conflictsEs: Translation<typeof conflictsEn> = {
  'code.FORBIDDEN': 'No permitido',
  'code.OBSERVATION_ID_TAKEN': 'Identificador ocupado',
  'code.OBSERVATION_STALE_WRITE': 'Más antigua',
  'code.OBSERVATION_IMMUTABLE': 'Ya confirmada',
  'code.OBSERVATION_CORRECTION_STALE': 'Corregida antes',
  'code.RECOMMENDATION_ORPHAN': 'Falta la observación',
  'code.RECOMMENDATION_ID_TAKEN': 'Identificador ocupado',
  'code.RECOMMENDATION_STALE_WRITE': 'Más antigua',
  'code.RECOMMENDATION_IMMUTABLE': 'Ya decidida',
  'code.PATCH_ID_REUSED': 'Identificador repetido',
  'code.PLAYBOOK_UNKNOWN': 'Manual desconocido',
  'code.PLAYBOOK_VERSION_MISMATCH': 'Versión anterior',
  'code.PLAYBOOK_PATCH_PATH_NOT_ALLOWED': 'No editable',
  'code.PLAYBOOK_PATCH_INVALID': 'Valor no válido',

  'why.FORBIDDEN': 'La función del dispositivo no permite escribir este registro.',
  'why.OBSERVATION_ID_TAKEN':
    'La observación de otro dispositivo ya tiene este identificador. Las dos pueden quedar con identificadores distintos.',
  'why.OBSERVATION_STALE_WRITE':
    'El servidor tiene una versión más nueva de este borrador, de otro dispositivo o de un cambio posterior.',
  'why.OBSERVATION_IMMUTABLE':
    'La observación ya estaba confirmada, y una confirmada solo se cambia con una corrección.',
  'why.OBSERVATION_CORRECTION_STALE':
    'Alguien corrigió la observación antes, así que esta corrección se basa en algo que ya no está.',
  'why.RECOMMENDATION_ORPHAN':
    'La observación a la que pertenece la recomendación no ha llegado al servidor.',
  'why.RECOMMENDATION_ID_TAKEN':
    'Otra recomendación ya tiene este identificador. Las dos pueden quedar con identificadores distintos.',
  'why.RECOMMENDATION_STALE_WRITE': 'El servidor tiene una versión más nueva de esta recomendación.',
  'why.RECOMMENDATION_IMMUTABLE': 'Alguien ya había confirmado o rechazado la recomendación.',
  'why.PATCH_ID_REUSED': 'Otro cambio del manual ya tiene este identificador.',
  'why.PLAYBOOK_UNKNOWN': 'El espacio de trabajo no tiene este manual.',
  'why.PLAYBOOK_VERSION_MISMATCH': 'El manual cambió de versión antes de que llegara este cambio.',
  'why.PLAYBOOK_PATCH_PATH_NOT_ALLOWED': 'El cambio toca un valor que el manual no deja editar.',
  'why.PLAYBOOK_PATCH_INVALID': 'Con este cambio el manual ya no sería válido.',
}
