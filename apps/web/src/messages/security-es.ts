import type { Translation } from '@fieldsync/messages'

import type { securityEn } from './security-en.ts'

export const securityEs: Translation<typeof securityEn> = {
  'security.title': 'Registro de seguridad',
  'security.lead':
    'Intentos rechazados con credenciales de este espacio de trabajo, contados por minuto y guardados 90 días. No son parte de la auditoría.',
  'security.none': 'Sin intentos rechazados',
  'security.none.lead': 'No se rechazó nada, o nada coincide. Quite los filtros para ver todos los intentos.',
  'security.forbidden': 'Solo los administradores pueden ver los intentos rechazados.',
  'security.minute': 'Minuto',
  'security.kind': 'Intento',
  'security.kind.credential': 'Llamada',
  'security.kind.enrollment': 'Registro de dispositivo',
  'security.kind.sign_in': 'Inicio de sesión',
  'security.reason': 'Motivo',
  'security.whose': 'Credencial de',
  'security.whose.nobody': 'Nadie conocido',
  'security.count': 'Cuántas veces',
  'security.address': 'Última dirección',
  'security.reason.missing': 'Sin credencial',
  'security.reason.invalid': 'Errónea o desconocida',
  'security.reason.expired': 'Vencida',
  'security.reason.binding': 'Sin demostrar',
  'security.reason.key_mismatch': 'Otra clave',
  'security.reason.nonce': 'Por demostrar de nuevo',
  'security.reason.replayed': 'Enviada por segunda vez',
  'security.reason.proof_invalid': 'Prueba inválida',
  'security.reason.clock_skew': 'Reloj fuera de hora',
  'security.reason.unconfirmed': 'Clave sin confirmar',
  'security.reason.revoked': 'Revocada',
  'security.reason.token_refused': 'No se aceptan tokens',
  'security.reason.wipe': 'Pendiente de borrado',
  'security.reason.ENROLLMENT_INVALID': 'Código o enlace inválido',
  'security.reason.other': 'Otros de ese minuto, juntos',
}
