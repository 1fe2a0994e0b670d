import type { Translation } from '@fieldsync/messages'

import type { recommendationsEn } from './recommendations-en.ts'

export const recommendationsEs: Translation<typeof recommendationsEn> = {
  'recommendations.title': 'Recomendaciones',
  'recommendations.all': 'Todas las recomendaciones',
  'recommendations.open_one': '{{count}} recomendación por confirmar.',
  'recommendations.open_other': '{{count}} recomendaciones por confirmar.',
  'recommendations.none': 'No hay recomendaciones por confirmar.',
  'recommendations.filter': 'Recomendaciones que se muestran',
  'recommendations.filter.open': 'Abiertas',
  'recommendations.filter.past': 'Vencidas',
  'recommendations.filter.decided': 'Decididas',
  'recommendations.filter.replaced': 'Reemplazadas',
  'recommendations.count_one': '{{count}} recomendación',
  'recommendations.count_other': '{{count}} recomendaciones',
  'recommendations.more': 'Mostrar más',
  'recommendations.empty.title': 'Aquí no hay recomendaciones',
  'recommendations.empty.text':
    'Una nota de oídio o de estrés por calor recibe una apenas se guarda, con o sin conexión.',
  'recommendations.empty.other': 'Ninguna corresponde a esta opción.',

  'recommendation.title': 'Recomendación',
  'recommendation.when': 'Cuándo',
  'recommendation.opens': 'Empieza dentro de {{in}}',
  'recommendation.closes': 'Abierta ahora; termina dentro de {{in}}',
  'recommendation.passed': 'Esta ventana ya pasó.',
  'recommendation.passedMark': 'Vencida',
  'recommendation.now': 'Ahora',
  'recommendation.window': 'Ventana',
  'recommendation.do': 'Qué hacer',
  'recommendation.why': 'Por qué',
  'recommendation.drivers': 'Qué se tuvo en cuenta',
  'recommendation.flags': 'Precauciones',
  'recommendation.ofVersion': 'Versión {{version}} del manual',
  'recommendation.confidence': 'Confianza',
  'recommendation.version': 'Versión del manual',
  'recommendation.versionNow': '{{version}}; el manual va ahora por la {{now}}',
  'recommendation.computedAt': 'Calculada',
  'recommendation.note': 'Ver la nota',

  'recommendation.weather': 'Clima utilizado',
  'recommendation.weather.none': 'No había datos del clima: se calculó solo con la nota y el manual.',
  'recommendation.weather.unknown': 'Perfil del clima {{id}}, que no está en este teléfono.',
  'recommendation.weather.live': 'Clima en vivo, con {{age}} de antigüedad al calcularla',
  'recommendation.weather.demo': 'Perfil de demostración, no es una medición',
  'recommendation.weather.fresh': 'Clima en vivo, recién obtenido al calcularla',
  'recommendation.weather.now': 'Ahora tiene {{age}} de antigüedad.',

  'recommendation.confirm': 'Confirmar la recomendación',
  'recommendation.confirm.hint': 'Acepta esta recomendación. Después no se puede cambiar.',
  'recommendation.reject': 'Rechazar la recomendación',
  'recommendation.reject.hint': 'Queda registrada como no seguida. Después no se puede cambiar.',
  'recommendation.nothingApplied': 'Nada se aplica hasta que se confirma.',
  'recommendation.notYours':
    'Solo el autor de la nota o un agrónomo puede confirmar o rechazar esta recomendación.',
  'recommendation.likely': 'Es probable que el servidor la rechace. {{message}}',

  'recommendation.replaced': 'Una recomendación más nueva la reemplazó; ya no se puede confirmar.',
  'recommendation.replacedDecided': 'Hay una recomendación más nueva para esta nota.',
  'recommendation.replaced.action': 'Ver la más nueva',
  'recommendation.replacedMark': 'Reemplazada',
  'recommendation.earlier.confirmed':
    'La recomendación anterior se confirmó. Verifique si ya se llevó a cabo.',
  'recommendation.earlier.rejected': 'La recomendación anterior se rechazó.',

  'recommendation.changed': 'Qué cambió',
  'recommendation.changed.playbook': 'Cambió el manual: de la versión {{before}} a la {{after}}.',
  'recommendation.changed.weather': 'Cambió el clima.',
  'recommendation.changed.note': 'Cambió la nota.',
  'recommendation.changed.before': 'Antes: {{text}}',
  'recommendation.changed.after': 'Ahora: {{text}}',
  'recommendation.history': 'Anteriores y posteriores',

  'recommendation.gone.title': 'Esta recomendación no está en este dispositivo',
  'recommendation.gone.text': 'Se eliminó o aún no se ha descargado a este dispositivo.',

  'noRecommendation.title': 'Sin recomendación',
  'noRecommendation.other_issue': 'El manual solo tiene reglas para oídio y estrés por calor.',
  'noRecommendation.no_playbook':
    'Aún no hay un manual en este teléfono. Se descarga con la primera sincronización.',
  'noRecommendation.missing': 'No se calculó ninguna para esta nota.',
  'noRecommendation.compute': 'Calcular la recomendación',
}
