import type { Translation } from '../message-keys.ts'
import type { adviceEn } from './advice-en.ts'

export const adviceEs: Translation<typeof adviceEn> = {
  'advice.monitor': 'Seguir monitoreando: no actuar por ahora.',

  'advice.flag.weather_data_missing': 'Sin datos del tiempo: revíselo usted antes de actuar.',
  'advice.flag.high_drift_risk': 'Alto riesgo de deriva: el viento cambia mucho con la altura.',
  'advice.flag.low_confidence': 'Confianza baja: las condiciones no permiten actuar ahora.',
  'advice.flag.manual_review_required':
    'La regla es para otra severidad: pida que la revisen antes de actuar.',

  'advice.refusal.no_rule': 'El manual no tiene una regla para esta nota.',
  'advice.refusal.window_reversed':
    'La ventana de tiempo de la regla termina antes de empezar: pida que corrijan el manual.',

  'advice.inversionPresent.true': 'Inversión térmica: el aire cerca del suelo no se mezcla.',
  'advice.inversionPresent.false': 'Sin inversión térmica.',
  'advice.inversionPresent.unknown': 'No se sabe si hay inversión térmica.',
  'advice.humidityLayering.dry_aloft_humid_surface': 'Húmedo en la superficie y seco en altura.',
  'advice.humidityLayering.uniform_humid': 'Húmedo en toda la altura.',
  'advice.humidityLayering.uniform_dry': 'Seco en toda la altura.',
  'advice.humidityLayering.unknown': 'La humedad no muestra capas claras, o no se conoce.',
  'advice.windShearProxy.low': 'El viento casi no cambia con la altura.',
  'advice.windShearProxy.moderate': 'El viento cambia moderadamente con la altura.',
  'advice.windShearProxy.high': 'El viento cambia mucho con la altura.',
  'advice.windShearProxy.unknown': 'No se sabe cómo cambia el viento con la altura.',

  'advice.sprayWindowScore': 'Condiciones para pulverizar: {{value}} de 100.',
  'advice.diseaseRiskScore': 'Riesgo de enfermedad: {{value}} de 100.',
  'advice.heatStressScore': 'Estrés por calor: {{value}} de 100.',
  'advice.scoreUnknown.sprayWindowScore': 'No se conocen las condiciones para pulverizar.',
  'advice.scoreUnknown.diseaseRiskScore': 'No se conoce el riesgo de enfermedad.',
  'advice.scoreUnknown.heatStressScore': 'No se conoce el estrés por calor.',

  'advice.windKph': 'Viento: {{value}}.',
  'advice.temperatureC': 'Temperatura: {{value}}.',
  'advice.relativeHumidityPct': 'Humedad relativa: {{value}}.',
  'advice.maxWindKph': 'La regla permite viento de hasta {{value}}.',
  'advice.maxTemperatureC': 'La regla permite temperaturas de hasta {{value}}.',
  'advice.maxRelativeHumidityPct': 'La regla permite una humedad relativa de hasta {{value}}.',
  'advice.minHoursWithoutRain': 'La regla requiere {{value}} sin lluvia.',
  'advice.avoidInversion': 'La regla evita las inversiones térmicas.',
  'advice.irrigationWindowLocal': 'Ventana de riego de la regla: {{value}}.',
  'advice.notChecked': '{{limit}} Sin verificar: revíselo en el lugar.',

  'advice.supersededStatus.confirmed': 'La recomendación anterior fue confirmada.',
  'advice.supersededStatus.rejected': 'La recomendación anterior fue rechazada.',

  'advice.monitorOnly.maxWindKph': 'Esperar: hay demasiado viento.',
  'advice.monitorOnly.maxRelativeHumidityPct': 'Esperar: hay demasiada humedad.',
  'advice.monitorOnly.avoidInversion': 'Esperar: hay inversión térmica.',
  'advice.monitorOnly.maxTemperatureC': 'Esperar: hace demasiado calor para pulverizar.',
  'advice.monitorOnly.sprayWindowScore': 'Esperar: las condiciones son malas para pulverizar.',
  'advice.monitorOnly.window': 'Esperar: el tiempo no deja margen entre el inicio y el fin.',
}
