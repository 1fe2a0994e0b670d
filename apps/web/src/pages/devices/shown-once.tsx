import { consoleLink, type OpenedEnrollment, readEnrollmentLink } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import makeQrCode from 'qrcode-generator'
import { useEffect, useMemo, useState } from 'react'

import { useMessages, useMomentText } from '../../messages/messages.tsx'
import { homeUrl } from '../../server/credential.ts'
import { useSignedIn } from '../../server/server.ts'

type Props = {
  deviceId: string
  /** Null where it was shown before. */
  token: string | null
  done: () => void
}

/** A new device's token, as text and as a picture for its camera; nobody leaves without a copy by a slip (APP-47). */
export function TokenOnce({ deviceId, token, done }: Props) {
  const { t } = useMessages()
  const copy = useCopy()
  const [asking, setAsking] = useState(false)
  const unsaved = token !== null && !copy.isCopied
  useEffect(() => {
    if (!unsaved) return undefined
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [unsaved])
  if (token === null) return <Gone text={t('devices.token.gone')} done={done} />
  return (
    <>
      <p>{t('devices.token.lead', { device: deviceId })}</p>
      <QrCode text={token} label={t('devices.token.qr')} />
      <code className="token" data-testid="token">
        {token}
      </code>
      <CopyButton copy={copy} text={token} />
      {asking && unsaved ? (
        <div className="note waiting" role="alert">
          <p>{t('devices.token.sure')}</p>
          <Button variant="default" size="xs" onClick={done}>
            {t('devices.token.close')}
          </Button>
        </div>
      ) : (
        <Button variant="default" onClick={() => (unsaved ? setAsking(true) : done())}>
          {t('devices.token.done')}
        </Button>
      )}
    </>
  )
}

/** An opened enrollment: its link as a picture and as text, and the code in it. Another one is easily had. */
export function LinkOnce({ enrollment, done }: { enrollment: OpenedEnrollment; done: () => void }) {
  const { t } = useMessages()
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  const copy = useCopy()
  const { deviceId, link, code, expiresAt } = enrollment
  if (link === null || code === null) return <Gone text={t('devices.enroll.gone')} done={done} />
  return (
    <>
      <p>{t('devices.enroll.once', { device: deviceId })}</p>
      <QrCode text={link} label={t('devices.enroll.qr')} />
      <code className="token" data-testid="link">
        {link}
      </code>
      <p className="soft">{t('devices.enroll.code', { code })}</p>
      <p className="soft">{t('devices.enroll.console')}</p>
      <code className="token" data-testid="console-link">
        {consoleLink(readEnrollmentLink(link)?.address ?? homeUrl(), code)}
      </code>
      <p className="soft">{t('devices.enroll.until', { until: moment(expiresAt) })}</p>
      <CopyButton copy={copy} text={link} />
      <Button variant="default" onClick={done}>
        {t('devices.token.done')}
      </Button>
    </>
  )
}

function Gone({ text, done }: { text: string; done: () => void }) {
  const { t } = useMessages()
  return (
    <>
      <p className="note waiting">{text}</p>
      <Button onClick={done}>{t('close')}</Button>
    </>
  )
}

function useCopy() {
  const clipboard = useClipboard()
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    // The library's own flag falls back after a moment.
    if (clipboard.copied) setCopied(true)
  }, [clipboard.copied])
  return { clipboard, isCopied }
}

function CopyButton({ copy: { clipboard }, text }: { copy: ReturnType<typeof useCopy>; text: string }) {
  const { t } = useMessages()
  return (
    <>
      <Button autoFocus onClick={() => clipboard.copy(text)}>
        {t(clipboard.copied ? 'copied' : 'copy')}
      </Button>
      {clipboard.error === null ? null : <p role="alert">{t('copy.failed')}</p>}
    </>
  )
}

/** Dark on white in both themes, as cameras want it. */
function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const code = makeQrCode(0, 'M')
    code.addData(text)
    code.make()
    const modules = code.getModuleCount()
    const cells = Array.from(
      { length: modules * modules },
      (_, at) => [Math.floor(at / modules), at % modules] as const,
    )
    const dark = cells.filter(([row, column]) => code.isDark(row, column))
    return { size: modules, path: dark.map(([row, column]) => `M${column} ${row}h1v1h-1z`).join('') }
  }, [text])
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <path d={path} fill="#000" />
    </svg>
  )
}
