import { createContext, use } from 'react'

import { type Texts, textsIn } from './messages.ts'

export const TextsContext = createContext<Texts>(textsIn('en'))

/** What the app says, in the person's language. */
export const useTexts = (): Texts => use(TextsContext)
