import { recommend, type RecommendInput } from '../recommend.ts'
import { deriveFeatures, type FeaturesInput } from '../weather/derive-features.ts'

/** What a test asks of a tab: the bytes of each answer. */
const enginePage = {
  recommend: (inputs: readonly RecommendInput[]): string[] =>
    inputs.map((input) => JSON.stringify(recommend(input))),
  features: (inputs: readonly FeaturesInput[]): string[] =>
    inputs.map((input) => JSON.stringify(deriveFeatures(input))),
}

declare global {
  var enginePage: EnginePage
}
type EnginePage = typeof enginePage
Object.assign(globalThis, { enginePage })
