import type { Translation } from '@fieldsync/messages'

import type { devicesEn } from './devices-en.ts'

export const devicesEs: Translation<typeof devicesEn> = {
  'devices.title': 'Dispositivos',
  'devices.lead': 'Todos los dispositivos del espacio de trabajo, su última sincronización y su atraso.',
  'devices.create': 'Crear dispositivo',
  'devices.created': 'Dispositivo creado',
  'devices.state': 'Estado',
  'devices.role': 'Rol',
  'devices.lastSeen': 'Última sincronización',
  'devices.appVersion': 'Aplicación',
  'devices.modelVersion': 'Paquete de modelos',
  'devices.platform': 'Plataforma',
  'devices.lag': 'Cambios por recibir',
  'devices.pending': 'Sin enviar',
  'devices.conflicts': 'Conflictos en el dispositivo',
  'devices.openConflicts': 'Conflictos abiertos',
  'devices.quarantined': 'Registros rechazados',
  'devices.localOnly': 'Solo en este dispositivo',
  'devices.oldestPending': 'Registro sin enviar más antiguo',
  'devices.reportedAt': 'Informado',
  'devices.createdAt': 'Creado',
  'devices.revokedAt': 'Revocado',
  'devices.report': 'Último informe del dispositivo',
  'devices.report.none': 'Aún no hay informe. El dispositivo envía uno con su próxima sincronización.',
  'devices.syncs': 'Ver sincronizaciones',
  'devices.observations': 'Ver notas',
  'devices.none': 'No hay dispositivos',
  'devices.none.lead': 'Ningún dispositivo coincide. Borre los filtros para verlos todos.',
  'devices.unknown': 'Dispositivo no encontrado',
  'devices.unknown.lead': 'No hay ningún dispositivo con este nombre en su espacio de trabajo.',
  'devices.id': 'Nombre del dispositivo',
  'devices.id.about': 'dev_ seguido de minúsculas, cifras o _',
  'devices.id.wrong': 'Use dev_ seguido de minúsculas, cifras o _, por ejemplo, dev_scout_2.',
  'devices.token.lead': 'Token de {{device}}. Cópielo ahora: no se puede volver a mostrar.',
  'devices.token.qr': 'El token como código QR',
  'devices.token.sure':
    'No ha copiado el token. Sin él, el dispositivo no puede sincronizarse y tendrá que crear otro token.',
  'devices.token.gone':
    'Este token ya se mostró y no queda guardado. Cree un token nuevo para este dispositivo.',
  'devices.opened': 'Configurar el dispositivo',
  'devices.way': 'Acceso del dispositivo',
  'devices.way.link': 'Con un enlace',
  'devices.way.link.about': 'El dispositivo recibe una clave propia, que nadie puede copiar. Recomendado.',
  'devices.way.token': 'Con un token',
  'devices.way.token.about':
    'Para dispositivos que no pueden usar una clave. El token se introduce en el dispositivo.',
  'devices.key': 'Huella de la clave',
  'devices.enrolledAt': 'Clave desde',
  'devices.preShared': 'Token',
  'devices.preShared.valid': 'Válido',
  'devices.confirmKey': 'Confirmar clave',
  'devices.confirmKey.title': '¿Confirmar la clave de {{device}}?',
  'devices.confirmKey.lead':
    'El dispositivo muestra el comienzo de la huella de su clave. Confírmela solo si coincide. Si el dispositivo tenía otra clave, dejará de servir.',
  'devices.confirmKey.go': 'Confirmar clave',
  'devices.key.state': 'Estado de la clave',
  'devices.credential': 'Acceso',
  'devices.credential.preShared': 'Token',
  'devices.credential.key': 'Clave',
  'devices.credential.unconfirmed': 'Clave por confirmar',
  'devices.enroll': 'Configurar con enlace',
  'devices.enroll.title': 'Configurar {{device}} con un enlace',
  'devices.enroll.lead':
    'El dispositivo recibe una clave propia, que nadie puede copiar. Sus registros se conservan.',
  'devices.enroll.revoked':
    'Podrá sincronizarse de nuevo cuando use el enlace. Entonces enviará lo que no había enviado al revocarse.',
  'devices.enroll.keyed':
    'Su clave actual deja de servir cuando la nueva quede registrada y, si hace falta, confirmada.',
  'devices.enroll.own':
    'Ha iniciado sesión con este dispositivo. Su token o su clave dejará de servir cuando se use el enlace.',
  'devices.enroll.valid': 'Validez del enlace',
  'devices.enroll.valid.600': '10 minutos',
  'devices.enroll.valid.3600': '1 hora',
  'devices.enroll.valid.86400': '1 día',
  'devices.enroll.valid.604800': '7 días',
  'devices.enroll.go': 'Crear enlace',
  'devices.enroll.once':
    'Abra este enlace en {{device}} o escanee el código QR con su cámara. Sirve una sola vez.',
  'devices.enroll.until': 'Válido hasta: {{until}}',
  'devices.enroll.qr': 'El enlace como código QR',
  'devices.enroll.code': 'Código para introducir en la aplicación de campo: {{code}}',
  'devices.enroll.console':
    'Para iniciar sesión en la consola con él, abra en cambio este enlace en un navegador:',
  'devices.enroll.gone': 'Este enlace ya se mostró y no queda guardado. Cree otro enlace.',
  'devices.setRole': 'Cambiar rol',
  'devices.setRole.title': 'Cambiar el rol de {{device}}',
  'devices.setRole.lead': 'Se aplica a partir de la próxima solicitud del dispositivo.',
  'devices.setRole.own':
    'Ha iniciado sesión con este dispositivo. Con otro rol ya no podrá administrar dispositivos.',
  'devices.setRole.go': 'Cambiar rol',
  'devices.reissue': 'Token nuevo',
  'devices.reissue.title': 'Token nuevo para {{device}}',
  'devices.reissue.end': 'El token actual',
  'devices.reissue.atFirstUse': 'Sirve hasta el primer uso del nuevo',
  'devices.reissue.atFirstUse.about':
    'El dispositivo sigue sincronizándose hasta que introduzca en él el token nuevo.',
  'devices.reissue.now': 'Deja de servir ahora',
  'devices.reissue.now.about':
    'Para un token que otros puedan conocer. El dispositivo no podrá sincronizarse hasta que tenga el nuevo.',
  'devices.reissue.own':
    'Ha iniciado sesión con este token. Dejará de servir cuando inicie sesión con el nuevo.',
  'devices.reissue.go': 'Crear token',
  'devices.readmit': 'Readmitir',
  'devices.readmit.title': '¿Readmitir {{device}}?',
  'devices.readmit.lead':
    'El dispositivo conserva su nombre y sus registros y recibe un token nuevo. Lo que no había enviado cuando se revocó se enviará después.',
  'devices.readmit.go': 'Readmitir dispositivo',
  'devices.revoke': 'Revocar',
  'devices.revoke.title': '¿Revocar {{device}}?',
  'devices.revoke.lead':
    'A partir de ahora el servidor rechazará este dispositivo. Lo que aún no haya enviado queda en él; podrá enviarlo si lo readmite.',
  'devices.revoke.own':
    'Ha iniciado sesión con este dispositivo. Se cerrará su sesión y necesitará otro token para volver a iniciarla.',
  'devices.revoke.go': 'Revocar dispositivo',
  'devices.wipe': 'Borrar datos…',
  'devices.wipe.title': '¿Borrar los datos de {{device}}?',
  'devices.wipe.unsent_one': 'Se perderá {{count}} registro sin enviar (informado: {{at}}).',
  'devices.wipe.unsent_other': 'Se perderán {{count}} registros sin enviar (informado: {{at}}).',
  'devices.wipe.unreported':
    'El dispositivo nunca informó de lo que tiene sin enviar. Lo que no haya enviado se perderá.',
  'devices.wipe.lead':
    'A partir de ahora el servidor rechazará este dispositivo. En cuanto se conecte, eliminará todas las notas, los borradores y las claves que guarda, y lo confirmará.',
  'devices.wipe.undo':
    'Mientras el dispositivo no lo confirme, puede cancelar el borrado si lo readmite. Después ya no se puede deshacer.',
  'devices.wipe.go': 'Borrar datos',
  'devices.wipe.filter': 'Borrado remoto',
  'devices.wipe.pending': 'Borrado pendiente',
  'devices.wipe.acknowledged': 'Datos borrados',
  'devices.wipe.requestedAt': 'Borrado pedido',
  'devices.wipe.acknowledgedAt': 'Borrado confirmado',
  'devices.wipe.waiting': 'Todavía no',
  'devices.wipe.unsentDeleted': 'Registros sin enviar eliminados',
  'devices.wipe.cancels':
    'Esto cancela el borrado pendiente. Un teléfono que aún tenga sus datos los conserva: no continúe si se lo robaron.',
  'devices.readmit.wiped': 'El dispositivo conserva su nombre y sus registros y recibe un token nuevo.',
}
