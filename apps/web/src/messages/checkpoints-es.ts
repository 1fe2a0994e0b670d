import type { Translation } from '@fieldsync/messages'

import type { checkpointsEn } from './checkpoints-en.ts'

/** The same in Spanish. */
export const checkpointsEs: Translation<typeof checkpointsEn> = {
  'checkpoints.title': '¿Está íntegra la auditoría?',
  'checkpoints.lead':
    'El servidor firma con regularidad el final de la auditoría. Cada dispositivo guarda el último punto de control firmado, que muestra si alguien reescribió la auditoría desde entonces.',
  'checkpoints.rows': 'Entradas de la auditoría',
  'checkpoints.last': 'Último punto de control',
  'checkpoints.last.row': 'Entrada {{seq}}, {{time}}',
  'checkpoints.last.none': 'Todavía ninguno',
  'checkpoints.witnesses': 'Dispositivos con un punto de control',
  'checkpoints.witnesses.none':
    'Todavía ninguno. Cada dispositivo recibe uno en su próxima sincronización, cuando el servidor lo haya escrito.',
  'checkpoints.agree_one': '{{count}} dispositivo coincide con la auditoría.',
  'checkpoints.agree_other': '{{count}} dispositivos coinciden con la auditoría.',
  'checkpoints.device': 'Dispositivo',
  'checkpoints.row': 'Entrada',
  'checkpoints.reported': 'Informado',
  'checkpoints.says': 'Resultado',
  'checkpoints.state.agrees': 'Coincide',
  'checkpoints.state.cut': 'Faltan entradas',
  'checkpoints.state.rewritten': 'Hay entradas modificadas',
  'checkpoints.state.lost': 'Pérdida confirmada',
  'checkpoints.state.unknown': 'Firma desconocida',
  'checkpoints.contradicted': 'La auditoría ya no es la que era',
  'checkpoints.contradicted.lead':
    'Un punto de control nombra entradas que faltan o fueron modificadas. Después de restaurar una copia de seguridad es lo esperado: confirme la pérdida. Si no, alguien modificó la base de datos: avise a quien administra el servidor.',
  'checkpoints.failing':
    'El servidor no puede escribir puntos de control en uno de sus almacenes. Lo vuelve a intentar solo.',
  'checkpoints.acknowledge': 'Confirmar la pérdida',
  'checkpoints.acknowledge.lead':
    'Solo después de restaurar una copia de seguridad. La pérdida queda visible en la auditoría, con su motivo.',
  'checkpoints.acknowledge.reason': 'Qué pasó',
  'checkpoints.acknowledge.reason.wrong': 'Diga qué pasó, p. ej. qué copia se restauró.',
}
