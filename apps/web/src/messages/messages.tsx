import {
  createMessages,
  isLanguage,
  type Language,
  type Messages,
  preferredLanguage,
  formatsOf,
  type Translate,
} from '@fieldsync/messages'
import { createContext, type ReactNode, use, useEffect, useState } from 'react'

import { en } from './en.ts'
import { es } from './es.ts'

/** Says a text of the console in the language that was chosen. */
export type T = Translate<typeof en>

const inLanguage = createMessages(en, es)
const KEY = 'fieldsync-console-language'

type Spoken = Messages<typeof en> & { readonly choose: (language: Language) => void }

const MessagesContext = createContext<Spoken | null>(null)

/** The console's texts in the language that was chosen, else in the browser's. */
export function MessagesProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(() => {
    const stored = localStorage.getItem(KEY)
    return isLanguage(stored) ? stored : preferredLanguage(navigator.languages)
  })
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const choose = (next: Language): void => {
    localStorage.setItem(KEY, next)
    setLanguage(next)
  }
  return <MessagesContext value={{ ...inLanguage(language), choose }}>{children}</MessagesContext>
}

export function useMessages(): Spoken {
  const spoken = use(MessagesContext)
  if (spoken === null) throw new Error('no MessagesProvider around this component')
  return spoken
}

/** Moments as people at the farm write them, in the workspace's time zone. */
export function useMoment(timeZone: string): (at: string) => string {
  const { language } = useMessages()
  const formats = formatsOf(language, timeZone)
  return (at) => formats.briefMoment(Date.parse(at), Date.now())
}
