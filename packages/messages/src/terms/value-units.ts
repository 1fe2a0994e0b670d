/** The values of rules and notes that have a unit, and which; the terms have each as `unit.…`. */
export const VALUE_UNITS = {
  windEstimateKph: 'kph',
  temperatureC: 'celsius',
  maxWindKph: 'kph',
  maxRelativeHumidityPct: 'percent',
  minHoursWithoutRain: 'hours',
  maxTemperatureC: 'celsius',
  startOffsetHours: 'hours',
  endOffsetHours: 'hours',
  shiftStartMinutes: 'minutes',
  shiftEndMinutes: 'minutes',
} as const

export type ValueWithUnit = keyof typeof VALUE_UNITS

export const hasUnit = (name: string): name is ValueWithUnit => Object.hasOwn(VALUE_UNITS, name)
