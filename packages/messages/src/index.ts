export { createMessages, type Messages } from './create-messages.ts'
export { type FormatChoices, type Formats, formatsOf } from './formats.ts'
export { isLanguage, type Language, LANGUAGES, preferredLanguage } from './languages.ts'
export type { Catalogue, KeyOf, Translate, Translation } from './message-keys.ts'
export { observedText, placeText, symptomLabel } from './terms/observed-text.ts'
export { actionAdvice, driverText, noRecommendationText, riskFlagText } from './terms/advice-text.ts'
export { conditionText, rationaleText } from './terms/weather-text.ts'
export { termsEn } from './terms/terms-en.ts'
export { termsEs } from './terms/terms-es.ts'
export { fromZoned, isSameClock, toZoned, zoneLabel, zoneNameOf } from './zoned-moment.ts'
export {
  isUnitSystem,
  numberOf,
  preferredUnits,
  storedAsTyped,
  toShown,
  toStored,
  typedText,
  typedValue,
  UNIT_SYSTEMS,
  unitOf,
  type Unit,
  unitSymbol,
  type UnitSystem,
  withTypedUnit,
} from './units.ts'
export { breachText, type Refused, refusalText } from './terms/error-text.ts'
