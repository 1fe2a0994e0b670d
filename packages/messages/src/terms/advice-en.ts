/** Recommendations in sentences, made of the codes that are stored. */
export const adviceEn = {
  'advice.monitor': 'Keep monitoring: do not act on this now.',

  'advice.flag.weather_data_missing': 'No weather data: check the weather yourself before you act.',
  'advice.flag.high_drift_risk': 'High drift risk: wind differs strongly with height.',
  'advice.flag.low_confidence': 'Low confidence: conditions do not allow the action now.',
  'advice.flag.manual_review_required': 'The rule is for another severity: have it reviewed before you act.',

  'advice.refusal.no_rule': 'The playbook has no rule for this note.',
  'advice.refusal.window_reversed':
    'The rule’s time window ends before it starts: have the playbook corrected.',

  'advice.inversionPresent.true': 'Temperature inversion: the air near the ground does not mix.',
  'advice.inversionPresent.false': 'No temperature inversion.',
  'advice.inversionPresent.unknown': 'It is not known whether there is a temperature inversion.',
  'advice.humidityLayering.dry_aloft_humid_surface': 'Humid at the surface and dry aloft.',
  'advice.humidityLayering.uniform_humid': 'Humid at all heights.',
  'advice.humidityLayering.uniform_dry': 'Dry at all heights.',
  'advice.humidityLayering.unknown': 'Humidity shows no clear layers, or is not known.',
  'advice.windShearProxy.low': 'Wind hardly changes with height.',
  'advice.windShearProxy.moderate': 'Wind changes moderately with height.',
  'advice.windShearProxy.high': 'Wind changes strongly with height.',
  'advice.windShearProxy.unknown': 'It is not known how wind changes with height.',

  'advice.sprayWindowScore': 'Conditions for spraying: {{value}} of 100.',
  'advice.diseaseRiskScore': 'Disease risk: {{value}} of 100.',
  'advice.heatStressScore': 'Heat stress: {{value}} of 100.',
  'advice.scoreUnknown.sprayWindowScore': 'Conditions for spraying are not known.',
  'advice.scoreUnknown.diseaseRiskScore': 'The disease risk is not known.',
  'advice.scoreUnknown.heatStressScore': 'The heat stress is not known.',

  'advice.windKph': 'Wind: {{value}}.',
  'advice.temperatureC': 'Temperature: {{value}}.',
  'advice.relativeHumidityPct': 'Relative humidity: {{value}}.',
  'advice.maxWindKph': 'The rule allows wind up to {{value}}.',
  'advice.maxTemperatureC': 'The rule allows temperatures up to {{value}}.',
  'advice.maxRelativeHumidityPct': 'The rule allows relative humidity up to {{value}}.',
  'advice.minHoursWithoutRain': 'The rule needs {{value}} without rain.',
  'advice.avoidInversion': 'The rule avoids inversions.',
  'advice.irrigationWindowLocal': 'Irrigation window of the rule: {{value}}.',
  'advice.notChecked': '{{limit}} Not checked: please check it on site.',

  'advice.supersededStatus.confirmed': 'The earlier recommendation was confirmed.',
  'advice.supersededStatus.rejected': 'The earlier recommendation was rejected.',

  'advice.monitorOnly.maxWindKph': 'Wait: there is too much wind.',
  'advice.monitorOnly.maxRelativeHumidityPct': 'Wait: it is too humid.',
  'advice.monitorOnly.avoidInversion': 'Wait: there is a temperature inversion.',
  'advice.monitorOnly.maxTemperatureC': 'Wait: it is too hot to spray.',
  'advice.monitorOnly.sprayWindowScore': 'Wait: conditions are too poor for spraying.',
  'advice.monitorOnly.window': 'Wait: the weather leaves no time between start and end.',
} as const
