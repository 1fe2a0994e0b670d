import type { Translation } from '../message-keys.ts'
import type { errorsEn } from './errors-en.ts'

export const errorsEs: Translation<typeof errorsEn> = {
  'server.VALIDATION_ERROR':
    'El servidor no aceptó lo que se envió. Actualice la aplicación e inténtelo de nuevo.',
  'server.PLAYBOOK_PATCH_PATH_NOT_ALLOWED': 'Este valor del manual no se puede cambiar.',
  'server.PLAYBOOK_PATCH_INVALID': 'Con el cambio el manual dejaría de ser válido.',
  'server.AUTH_REQUIRED': 'El servidor no acepta el token de este dispositivo.',
  'server.FORBIDDEN': 'No tiene permiso para hacer esto. Pídalo a un administrador del espacio de trabajo.',
  'server.NOT_FOUND': 'No se encontró en este servidor.',
  'server.METHOD_NOT_ALLOWED':
    'El servidor no admite esta operación. Revise su dirección o actualice la aplicación.',
  'server.CONFLICT': 'Ya existe o se cambió mientras tanto.',
  'server.IDEMPOTENCY_CONFLICT': 'El servidor ya recibió otra cosa con el mismo ID.',
  'server.PLAYBOOK_VERSION_MISMATCH': 'El manual se actualizó mientras tanto.',
  'server.CURSOR_INVALID':
    'El servidor ya no sabe hasta dónde llegó este dispositivo. Se descarga todo de nuevo.',
  'server.CONTRACT_UNSUPPORTED':
    'Esta aplicación y el servidor son de versiones demasiado distintas. Actualice ambos.',
  'server.ENROLLMENT_INVALID': 'Este código no es válido. Pida uno nuevo a su administrador.',
  'server.PAYLOAD_TOO_LARGE': 'Es más grande de lo que acepta el servidor.',
  'server.UNSUPPORTED_MEDIA_TYPE':
    'El servidor no pudo leer lo que se envió. Actualice la aplicación e inténtelo de nuevo.',
  'server.RATE_LIMITED': 'Demasiadas solicitudes. Espere un momento e inténtelo de nuevo.',
  'server.INTERNAL_ERROR': 'El servidor tuvo un error interno. Inténtelo más tarde.',
  'server.UNAVAILABLE': 'El servidor no está disponible en este momento. Inténtelo más tarde.',
  'server.unknown': 'El servidor lo rechazó ({{code}}).',

  'authReason.missing': 'No se envió ningún token.',
  'authReason.invalid': 'El servidor no conoce el token de este dispositivo.',
  'authReason.expired': 'El token de este dispositivo venció. Pida uno nuevo a su administrador.',
  'authReason.binding': 'No se pudo confirmar el acceso de este dispositivo. Inténtelo de nuevo.',
  'authReason.key_mismatch':
    'La clave de este dispositivo no es la registrada. Pida a su administrador que lo configure de nuevo.',
  'authReason.nonce': 'Hay que confirmar de nuevo el acceso de este dispositivo. Inténtelo de nuevo.',
  'authReason.replayed': 'Esta solicitud ya se envió. Inténtelo de nuevo.',
  'authReason.proof_invalid': 'No se pudo comprobar la clave de este dispositivo. Inténtelo de nuevo.',
  'authReason.clock_skew': 'El reloj de este dispositivo no está en hora. Ajústelo e inténtelo de nuevo.',
  'authReason.unconfirmed': 'Un administrador tiene que confirmar antes este dispositivo.',
  'authReason.wipe': 'Un administrador pidió borrar los datos de este dispositivo. Se elimina lo que guarda.',
  'authReason.revoked': 'Este dispositivo fue revocado. Pida un token nuevo a su administrador.',
  'authReason.token_refused':
    'Su empresa ya no acepta tokens de dispositivo. Pida a su administrador que configure este dispositivo con una clave.',

  'forbiddenReason.device_mismatch': 'Este token es de otro dispositivo.',
  'forbiddenReason.credential_mismatch': 'Se enviaron dos tokens de dispositivos distintos.',
  'forbiddenReason.role': 'El rol de este dispositivo no lo permite. Hable con su administrador.',
  'forbiddenReason.membership': 'No tiene acceso a este espacio de trabajo. Hable con su administrador.',
  'forbiddenReason.origin': 'Este pedido vino de otro sitio y no se ejecutó.',
  'forbiddenReason.https': 'Para iniciar sesión se necesita una dirección https.',
  'forbiddenReason.reauthenticate': 'Confirme que es usted: ingrese de nuevo su contraseña.',
  'forbiddenReason.second_factor':
    'Este espacio de trabajo exige un segundo factor. Configure el suyo y luego continúe.',
  'forbiddenReason.scope': 'Este token no lo permite. Hable con su administrador.',
  'forbiddenReason.grant': 'No tiene permiso para esta parte del manual. Hable con su administrador.',
  'forbiddenReason.four_eyes':
    'Aquí los cambios de un manual necesitan dos personas: una propone y otra aprueba.',

  'contractReason.client_older':
    'Esta aplicación es demasiado antigua para el servidor. Actualícela; mientras tanto sus notas quedan en este dispositivo.',
  'contractReason.client_newer':
    'El servidor es demasiado antiguo para esta aplicación. Pida a su administrador que lo actualice; mientras tanto sus notas quedan en este dispositivo.',

  'publishingReason.exists': 'Ya hay uno con este id.',
  'publishingReason.unchanged': 'Esto no cambia nada: la versión vigente ya lo dice.',
  'publishingReason.retired': 'Este manual ya está retirado.',
  'publishingReason.too_many': 'Hay demasiados en este espacio de trabajo.',
  'publishingReason.decided': 'Esta propuesta ya se decidió.',
  'publishingReason.stale':
    'El manual cambió desde que se propuso esto. Propóngalo de nuevo sobre la versión nueva.',
  'generationReason.no_rule': 'El manual no tiene una regla para este problema y esta severidad.',
  'generationReason.window_reversed':
    'La regla del manual termina antes de empezar. Un agrónomo tiene que corregirla.',
  'generationReason.no_playbook': 'No hay ningún manual vigente para este cultivo.',
  'generationReason.several_playbooks': 'Hay varios manuales vigentes para este cultivo. Elija uno.',
  'generationReason.playbook_retired': 'Este manual está retirado. Elija otro.',
  'peopleReason.last_admin':
    'Es el último administrador del espacio de trabajo. Primero dé ese rol a otra persona.',
  'peopleReason.has_access': 'Esta persona ya tiene acceso al espacio de trabajo.',
  'peopleReason.access_ended': 'El acceso de esta persona terminó. Invítela de nuevo.',
  'peopleReason.accepted':
    'La invitación se aceptó entretanto. En su lugar, termine el acceso de la persona.',
  'peopleReason.has_account':
    'Ya existe una cuenta con esta dirección. Primero inicie sesión con ella y después vuelva a abrir el enlace.',
  'peopleReason.other_account':
    'Esta invitación es para otra dirección. Inicie sesión con la cuenta de esa dirección y vuelva a abrir el enlace.',
  'settingsReason.settings_version':
    'Otro administrador cambió los ajustes. Revíselos y vuelva a hacer su cambio.',
  'settingsReason.no_admin_key':
    'Todavía ningún dispositivo de un administrador ha usado una clave, así que nadie podría deshacerlo. Registre antes el dispositivo de un administrador.',
  'settingsReason.no_second_factor':
    'Usted todavía no tiene un segundo factor y quedaría excluido. Configure primero el suyo, en la página «Su cuenta».',
  'settingsReason.tokens_refused':
    'Este espacio de trabajo ya no acepta tokens de dispositivo. Registre el dispositivo con una clave.',

  'breach.required': 'Obligatorio',
  'breach.unknown_key': 'Campo desconocido',
  'breach.wrong_type': 'No es un valor válido',
  'breach.not_whole': 'Debe ser un número entero',
  'breach.not_a_choice': 'No es uno de los valores posibles',
  'breach.number_small': 'Debe ser {{bound}} o más',
  'breach.number_large': 'Debe ser {{bound}} o menos',
  'breach.text_empty': 'No puede quedar vacío',
  'breach.text_short': '{{bound}} caracteres como mínimo',
  'breach.text_long': '{{bound}} caracteres como máximo',
  'breach.list_short_one': '{{count}} elemento como mínimo',
  'breach.list_short_other': '{{count}} elementos como mínimo',
  'breach.list_long': '{{bound}} elementos como máximo',
  'breach.format': 'No tiene el formato requerido',
  'breach.format_instant': 'No es una fecha y hora con zona horaria',
  'breach.format_time_window': 'Escriba un horario así: 04:30-07:00',
  'breach.unstorable_text': 'Contiene caracteres que no se pueden guardar',
  'breach.too_many_rules': 'Demasiadas reglas',
  'breach.too_deep': 'Demasiados niveles',
  'breach.too_large': 'Más grande de lo que acepta el servidor',
  'breach.too_many_keys': 'Demasiados campos',
  'breach.not_editable': 'No se puede editar en este manual',
  'breach.not_granted': 'No tiene permiso para cambiar esto',
  'breach.not_applicable': 'No corresponde a esta versión del manual',
  'breach.other': 'No es válido',
  'breach.unknown': 'El servidor no acepta este valor',
}
