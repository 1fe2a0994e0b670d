import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import makeQrCode from 'qrcode-generator'
import { useEffect, useMemo, useState } from 'react'

import { useMessages } from '../../messages/messages.tsx'

type Props = {
  deviceId: string
  /** Null where it was shown before. */
  token: string | null
  done: () => void
}

/** A new device's token, as text and as a picture for its camera; nobody leaves without a copy by a slip (APP-47). */
export function TokenOnce({ deviceId, token, done }: Props) {
  const { t } = useMessages()
  const clipboard = useClipboard()
  const [copied, setCopied] = useState(false)
  const [asking, setAsking] = useState(false)
  const unsaved = token !== null && !copied
  useEffect(() => {
    // The library's own flag falls back after a moment.
    if (clipboard.copied) setCopied(true)
  }, [clipboard.copied])
  useEffect(() => {
    if (!unsaved) return undefined
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [unsaved])
  if (token === null) {
    return (
      <>
        <p className="note waiting">{t('devices.token.gone')}</p>
        <Button onClick={done}>{t('close')}</Button>
      </>
    )
  }
  return (
    <>
      <p>{t('devices.token.lead', { device: deviceId })}</p>
      <QrCode text={token} label={t('devices.token.qr')} />
      <code className="token" data-testid="token">
        {token}
      </code>
      <Button autoFocus onClick={() => clipboard.copy(token)}>
        {t(clipboard.copied ? 'copied' : 'copy')}
      </Button>
      {clipboard.error === null ? null : <p role="alert">{t('copy.failed')}</p>}
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
