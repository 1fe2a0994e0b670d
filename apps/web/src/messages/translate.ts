import type { Translate } from '@fieldsync/messages'

import type { en } from './en.ts'

/** Says a text of the console in the language that was chosen. */
export type T = Translate<typeof en>
