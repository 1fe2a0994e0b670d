import { createMessages, type Messages, termsEn, termsEs } from '@fieldsync/messages'

import { en } from './en.ts'
import { es } from './es.ts'
import { grantsEn } from './grants-en.ts'
import { grantsEs } from './grants-es.ts'
import { recommendationsEn } from './recommendations-en.ts'
import { recommendationsEs } from './recommendations-es.ts'
import { setupEn } from './setup-en.ts'
import { setupEs } from './setup-es.ts'
import { storesEn } from './stores-en.ts'
import { storesEs } from './stores-es.ts'

const textsEn = { ...termsEn, ...grantsEn, ...recommendationsEn, ...storesEn, ...setupEn, ...en }

export type Texts = Messages<typeof textsEn>
export type Say = Texts['t']

/** All the app says, by language. */
export const textsIn = createMessages(textsEn, {
  ...termsEs,
  ...grantsEs,
  ...recommendationsEs,
  ...storesEs,
  ...setupEs,
  ...es,
})
