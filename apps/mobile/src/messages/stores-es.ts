import type { Translation } from '@fieldsync/messages'

import type { storesEn } from './stores-en.ts'

export const storesEs: Translation<typeof storesEn> = {
  'app.failed.cause': 'Causa: {{message}}',
  'app.failed.unavailable':
    'En este momento la aplicación no puede acceder al almacenamiento de este dispositivo. Reinicie el navegador o el teléfono e inténtelo de nuevo. En una ventana privada, el almacenamiento puede estar desactivado.',
  'app.failed.damaged':
    'El almacenamiento de la aplicación está dañado. Antes de hacer cualquier otra cosa, exporte lo que hay y envíe el archivo a su administrador.',
  'app.failed.locked':
    'Las notas de este dispositivo están cifradas y su clave falta o ha cambiado. No se ha borrado nada. Consulte a su administrador antes de volver a configurar este dispositivo.',
  'app.failed.blocked':
    'Otra pestaña o ventana está usando el almacenamiento. Cierre las demás pestañas de esta aplicación e inténtelo de nuevo.',
  'app.failed.full':
    'No hay espacio suficiente en este dispositivo. Libere espacio e inténtelo de nuevo; sus notas siguen aquí.',
  'app.failed.newer':
    'Estas notas se guardaron con una versión más reciente de la aplicación. Recargue o actualice la aplicación e inténtelo de nuevo.',
  'app.failed.title': 'No se pudieron abrir sus notas',
  'wipe.title': 'Borrado de datos',
  'wipe.deleting':
    'Un administrador de {{workspace}} pidió borrar los datos de este dispositivo. Se está eliminando todo lo que guarda.',
  'wipe.acknowledging':
    'Se eliminó todo lo que guardaba este dispositivo. Se informará al servidor en cuanto haya conexión.',
  'wipe.done_one':
    'Un administrador de {{workspace}} borró los datos de este dispositivo. Se eliminó {{count}} nota sin enviar.',
  'wipe.done_other':
    'Un administrador de {{workspace}} borró los datos de este dispositivo. Se eliminaron {{count}} notas sin enviar.',
  'wipe.workspace': 'su espacio de trabajo',
  'storage.title': 'Almacenamiento en este dispositivo',
  'storage.safe': 'Protegido: sus notas permanecen en este dispositivo hasta que usted las elimine.',
  'storage.evictable': 'Este navegador puede borrar los datos guardados si falta espacio en el dispositivo.',
  'storage.iosBrowser': 'Safari borra los datos guardados tras siete días sin visitas.',
  'storage.iosBrowser.how':
    'En un iPhone o iPad, instale primero la aplicación: en Safari, toque Compartir, luego Agregar a inicio, y ábrala desde allí. La aplicación instalada tiene su propio almacenamiento: configúrela allí; las notas de esta pestaña no se trasladan.',
  'storage.unsent_one': '{{count}} nota está guardada solo aquí.',
  'storage.unsent_other': '{{count}} notas están guardadas solo aquí.',
  'storage.protect': 'Proteger el almacenamiento',
  'storage.refused':
    'El navegador no lo permitió. Instale la aplicación (menú del navegador, Agregar a la pantalla principal) y sincronice con la mayor frecuencia posible.',
  'stores.title': 'Otras conexiones',
  'stores.text':
    'Estas notas se escribieron con otro nombre de dispositivo o para otro servidor. Permanecen en este dispositivo hasta que se envíen.',
  'stores.unsent_one': '{{device}} tiene {{count}} cambio sin enviar ({{where}}).',
  'stores.unsent_other': '{{device}} tiene {{count}} cambios sin enviar ({{where}}).',
  'stores.localOnly_one':
    '{{count}} registro de {{device}} está solo en este dispositivo: su servidor ya no lo tiene ({{where}}).',
  'stores.localOnly_other':
    '{{count}} registros de {{device}} están solo en este dispositivo: su servidor ya no los tiene ({{where}}).',
  'stores.unread': 'No se pudieron leer las notas de {{device}} ({{where}}).',
  'stores.send': 'Enviar ahora',
  'stores.sending': 'Se envían automáticamente en cuanto responda su servidor.',
  'stores.waiting': 'Aún sin enviar: {{problem}}',
  'stores.export': 'Exportar notas de {{device}}',
  'stores.elsewhere_one': '{{count}} cambio sin enviar de otra conexión.',
  'stores.elsewhere_other': '{{count}} cambios sin enviar de otra conexión.',
  'stores.elsewhere.localOnly_one': '{{count}} registro de otra conexión está solo en este dispositivo.',
  'stores.elsewhere.localOnly_other': '{{count}} registros de otra conexión están solo en este dispositivo.',
  'stores.elsewhere.action': 'Ver',
  'stores.leave_one': '{{device}} tiene {{count}} cambio sin enviar.',
  'stores.leave_other': '{{device}} tiene {{count}} cambios sin enviar.',
  'stores.leave.text':
    'Los cambios sin enviar nunca se envían con otro nombre de dispositivo ni a otro servidor. ¿Qué desea hacer con ellos?',
  'stores.leave.send': 'Enviar con la conexión anterior',
  'stores.leave.export': 'Exportar a un archivo',
  'stores.leave.exported': 'Exportado. Los cambios siguen también en este dispositivo.',
  'stores.leave.keep': 'Conservar en este dispositivo sin enviar',
  'stores.leave.stay': 'Cancelar',
  'stores.foreign.title': 'Notas de otro espacio de trabajo',
  'stores.foreign.other_device':
    'Las notas de este dispositivo son de {{device}}. Aquí no se muestran ni se envían.',
  'stores.foreign.other_workspace':
    'Las notas de este dispositivo son de otro espacio de trabajo, no de {{here}}. No se envía nada hasta que usted decida.',
  'stores.foreign.unknown_workspace':
    '{{here}} no reconoce las notas de este dispositivo. No se envía nada hasta que usted decida.',
  'stores.foreign.none': 'Todas estas notas ya se enviaron.',
  'stores.foreign.mayLack':
    'Todo se envió antes, pero es posible que {{here}} no lo tenga: estas pueden ser las últimas copias. Expórtelas antes de decidir.',
  'stores.foreign.unsent_one': '{{count}} cambio sin enviar.',
  'stores.foreign.unsent_other': '{{count}} cambios sin enviar.',
  'stores.foreign.send': 'Enviar a su propio espacio de trabajo',
  'stores.foreign.sent': 'Enviado a su propio espacio de trabajo.',
  'stores.foreign.keep': 'Conservarlas y empezar de cero aquí',
  'stores.foreign.keep.hint': 'Permanecen en este dispositivo y aparecen en Ajustes.',
  'stores.foreign.adopt': 'Pertenecen a {{here}}: enviarlas allí',
  'stores.foreign.adopt.hint': 'Solo si es su propia empresa, por ejemplo en un servidor nuevo.',
}
