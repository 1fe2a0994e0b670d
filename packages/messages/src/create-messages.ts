import { createInstance } from 'i18next'

import { type Formats, formatsOf } from './formats.ts'
import type { Language } from './languages.ts'
import type { Catalogue, Translate, Translation } from './message-keys.ts'
import type { UnitSystem } from './units.ts'

/** All an app says, in one language. */
export type Messages<C extends Catalogue> = {
  readonly language: Language
  readonly t: Translate<C>
  readonly formats: Formats
}

/** An app's texts, ready to be asked in any of its languages. Both catalogues lie in the program: nothing is loaded. */
export function createMessages<C extends Catalogue>(
  en: C,
  es: Translation<C>,
): (language: Language, units?: UnitSystem) => Messages<C> {
  const texts = createInstance({
    // Flat keys, texts that go into text nodes, and no other language where a text is missing: the types see to that.
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    fallbackLng: false,
    initAsync: false,
    resources: { en: { translation: en }, es: { translation: es } },
  })
  void texts.init()
  const inLanguage = (language: Language) => {
    // Keys and values are typed here, by the app's own catalogue; the library's types know of one for the whole program.
    const fixed = texts.getFixedT(language) as (key: string, values: object) => string
    const { number } = formatsOf(language)
    // A count chooses the plural as a number, and is written with its digits in groups: 12,345.
    const t: Translate<C> = (key, ...[values]) => {
      const count: unknown = values && 'count' in values ? values.count : undefined
      if (typeof count !== 'number') return fixed(key, values ?? {})
      return fixed(key, { ...values, replace: { ...values, count: number(count) } })
    }
    const withUnits = (units: UnitSystem): Messages<C> => ({
      language,
      formats: formatsOf(language, { units }),
      t,
    })
    return { metric: withUnits('metric'), us: withUnits('us') }
  }
  // Made once: an app takes the same object for the same choice.
  const made = { en: inLanguage('en'), es: inLanguage('es') }
  return (language, units = 'metric') => made[language][units]
}
