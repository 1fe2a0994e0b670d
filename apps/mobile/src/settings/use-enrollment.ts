import { isFieldsyncError } from '@fieldsync/client'
import { useEffect, useRef, useState } from 'react'

import { isServerAddress } from '../data/app-settings.ts'
import { type Enrollment, enroll, isLink, readEnrollment } from '../data/enrollment.ts'
import type { Connection } from '../data/known-stores.ts'
import { useSettings } from '../data/settings-context.ts'
import { type Failed, messageOf } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import { keyProblem } from '../messages/problem-text.ts'
import { usePlatform } from '../platform/platform-context.ts'

/** A form that sets this device up with a link or a code. */
export type EnrollmentForm = {
  readonly typed: string
  readonly setTyped: (text: string) => void
  readonly server: string
  readonly setServer: (text: string) => void
  readonly problems: { readonly typed: boolean; readonly server: boolean }
  /** The server that is being asked; null while none is. */
  readonly running: string | null
  /** Why the last attempt did not succeed. */
  readonly failure: Failed | undefined
  /** The same link or code may succeed: the server has not refused it. */
  readonly mayRetry: boolean
  readonly start: () => Promise<void>
  /** Takes the text of a QR code, and sets the device up if it is a link. @returns whether it is */
  readonly scan: (text: string) => boolean
}

/** @param link what the form starts with; another one is another form */
export function useEnrollment(
  link: string | null,
  onEnrolled: (connection: Connection) => void,
): EnrollmentForm {
  const { t } = useTexts()
  const platform = usePlatform()
  const { settings } = useSettings()
  const { defaultServer } = platform
  const [typed, setTyped] = useState(link ?? '')
  const [server, setServer] = useState(settings.server)
  const [isStrict, setStrict] = useState(false)
  const [running, setRunning] = useState<string | null>(null)
  const [error, setError] = useState<unknown>()
  // The answer may come after other settings have changed.
  const latest = useRef(onEnrolled)
  useEffect(() => {
    latest.current = onEnrolled
  }, [onEnrolled])
  const address = server.trim()
  const isReachable = isLink(typed) || (address === '' ? defaultServer !== '' : isServerAddress(address))
  const enrollment = readEnrollment(typed, { server: address, defaultServer })
  const run = async (wanted: Enrollment) => {
    setRunning(wanted.server === '' ? defaultServer : wanted.server)
    setError(undefined)
    try {
      latest.current(await enroll(platform, wanted))
    } catch (reason) {
      setError(reason)
    } finally {
      setRunning(null)
    }
  }
  const hasFailed = error !== undefined
  return {
    typed,
    setTyped: (text) => {
      setTyped(text)
      setError(undefined)
    },
    server,
    setServer,
    problems: { typed: isStrict && enrollment === undefined, server: isStrict && !isReachable },
    running,
    failure: hasFailed
      ? { text: keyProblem(t, error, 'setup.noAnswer'), details: messageOf(error) }
      : undefined,
    mayRetry: hasFailed && !isFieldsyncError(error),
    start: async () => {
      setStrict(true)
      if (enrollment !== undefined && isReachable) await run(enrollment)
    },
    scan: (text) => {
      const scanned = isLink(text) ? readEnrollment(text, { server: '', defaultServer }) : undefined
      if (scanned === undefined) return false
      setTyped(text)
      void run(scanned)
      return true
    },
  }
}
