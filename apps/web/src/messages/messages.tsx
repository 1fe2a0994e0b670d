import {
  createMessages,
  type Formats,
  isLanguage,
  isUnitSystem,
  type Language,
  type Messages,
  preferredLanguage,
  preferredUnits,
  formatsOf,
  type Translate,
  type UnitSystem,
} from '@fieldsync/messages'
import {
  createContext,
  type ReactElement,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useMemo,
  useState,
} from 'react'

import { en } from './en.ts'
import { es } from './es.ts'

/** Says a text of the console in the language that was chosen. */
export type T = Translate<typeof en>

const inLanguage = createMessages(en, es)
const KEY = 'fieldsync-console-language'
const UNITS_KEY = 'fieldsync-console-units'

type Spoken = Messages<typeof en> & {
  readonly choose: (language: Language) => void
  readonly chooseUnits: (units: UnitSystem) => void
}

const MessagesContext = createContext<Spoken | null>(null)

/** The console's texts in the language and units that were chosen, else in the browser's. */
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
  const [units, setUnits] = useState<UnitSystem>(() => {
    const stored = localStorage.getItem(UNITS_KEY)
    return isUnitSystem(stored) ? stored : preferredUnits(navigator.languages)
  })
  const chooseUnits = (next: UnitSystem): void => {
    localStorage.setItem(UNITS_KEY, next)
    setUnits(next)
  }
  return (
    <MessagesContext value={{ ...inLanguage(language, units), choose, chooseUnits }}>
      {children}
    </MessagesContext>
  )
}

export function useMessages(): Spoken {
  const spoken = use(MessagesContext)
  if (spoken === null) throw new Error('no MessagesProvider around this component')
  return spoken
}

/** Moments as people at the farm write them, in the workspace's time zone; the whole one, with its zone, on hover (APP-63). */
export function useMoment(timeZone: string): (at: string) => ReactElement {
  const formats = useZoned(timeZone)
  const text = useMomentText(timeZone)
  return useCallback(
    (at) => (
      <time dateTime={at} title={formats.fullMoment(Date.parse(at))}>
        {text(at)}
      </time>
    ),
    [formats, text],
  )
}

/** The same as a text, for a place that takes nothing else. */
export function useMomentText(timeZone: string): (at: string) => string {
  const formats = useZoned(timeZone)
  return useCallback((at) => formats.briefMoment(Date.parse(at), Date.now()), [formats])
}

/** From when until when, as people at the farm write it; the day once where it is one. */
export function useWindowText(
  timeZone: string,
): (window: { readonly startAt: string; readonly endAt: string }) => string {
  const formats = useZoned(timeZone)
  return useCallback(
    ({ startAt, endAt }) => {
      const [start, end] = [Date.parse(startAt), Date.parse(endAt)]
      return `${formats.moment(start, Date.now())} – ${formats.briefMoment(end, start)}`
    },
    [formats],
  )
}

function useZoned(timeZone: string): Formats {
  const { language } = useMessages()
  return useMemo(() => formatsOf(language, { timeZone }), [language, timeZone])
}
