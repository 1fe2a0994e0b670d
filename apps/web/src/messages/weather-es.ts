import type { Translation } from '@fieldsync/messages'

import type { weatherEn } from './weather-en.ts'

/** The same in Spanish. */
export const weatherEs: Translation<typeof weatherEn> = {
  'settings.weather': 'Clima para las recomendaciones',
  'settings.weather.live': 'En vivo',
  'settings.weather.live.about':
    'El servidor consulta un servicio meteorológico para la zona de la nota, con una precisión de unos 10 km. Requiere un servidor configurado para ello.',
  'settings.weather.demo': 'Demostración',
  'settings.weather.demo.about': 'Clima inventado para hacer pruebas. No pulverice según estos datos.',
  'settings.weather.off': 'Desactivado',
  'settings.weather.off.about':
    'Sin datos del clima: las recomendaciones se basan solo en las notas y lo indican.',
}
