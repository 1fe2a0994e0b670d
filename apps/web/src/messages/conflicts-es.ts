import type { Translation } from '@fieldsync/messages'

import type { conflictsEn } from './conflicts-en.ts'

export const conflictsEs: Translation<typeof conflictsEn> = {
  'code.FORBIDDEN': 'No permitido',
  'code.OBSERVATION_ID_TAKEN': 'ID ya usado',
  'code.OBSERVATION_STALE_WRITE': 'Desactualizada',
  'code.OBSERVATION_IMMUTABLE': 'Ya confirmada',
  'code.OBSERVATION_CORRECTION_STALE': 'Corrección desactualizada',
  'code.RECOMMENDATION_ORPHAN': 'Falta la nota',
  'code.RECOMMENDATION_ID_TAKEN': 'ID ya usado',
  'code.RECOMMENDATION_STALE_WRITE': 'Desactualizada',
  'code.RECOMMENDATION_IMMUTABLE': 'Ya decidida',
  'code.PATCH_ID_REUSED': 'ID ya usado',
  'code.PLAYBOOK_UNKNOWN': 'Manual desconocido',
  'code.PLAYBOOK_VERSION_MISMATCH': 'Versión del manual desactualizada',
  'code.PLAYBOOK_PATCH_PATH_NOT_ALLOWED': 'No editable',
  'code.PLAYBOOK_PATCH_INVALID': 'Valor no válido',

  'why.FORBIDDEN': 'El rol del dispositivo no permite este tipo de registro.',
  'why.OBSERVATION_ID_TAKEN':
    'Una nota de otro dispositivo ya usa este ID. Se pueden conservar las dos con ID distintos.',
  'why.OBSERVATION_STALE_WRITE':
    'El servidor tiene una versión más reciente de este borrador, de otro dispositivo o de un cambio posterior.',
  'why.OBSERVATION_IMMUTABLE':
    'La nota ya estaba confirmada, y una nota confirmada solo se puede cambiar con una corrección.',
  'why.OBSERVATION_CORRECTION_STALE':
    'Otra persona corrigió antes esta nota, por lo que esta corrección se basaba en una versión desactualizada.',
  'why.RECOMMENDATION_ORPHAN': 'La nota a la que pertenece la recomendación no ha llegado al servidor.',
  'why.RECOMMENDATION_ID_TAKEN':
    'Otra recomendación ya usa este ID. Se pueden conservar las dos con ID distintos.',
  'why.RECOMMENDATION_STALE_WRITE': 'El servidor tiene una versión más reciente de esta recomendación.',
  'why.RECOMMENDATION_IMMUTABLE': 'La recomendación ya se había confirmado o rechazado.',
  'why.PATCH_ID_REUSED': 'Otro cambio del manual ya usa este ID.',
  'why.PLAYBOOK_UNKNOWN': 'El espacio de trabajo no tiene este manual.',
  'why.PLAYBOOK_VERSION_MISMATCH': 'El manual se actualizó antes de que llegara este cambio.',
  'why.PLAYBOOK_PATCH_PATH_NOT_ALLOWED': 'Este valor no se puede editar.',
  'why.PLAYBOOK_PATCH_INVALID': 'Con este cambio el manual dejaría de ser válido.',
}
