import { CopyButton, Button } from '@mantine/core'
import makeQrCode from 'qrcode-generator'
import { useMemo } from 'react'

import { useMessages } from '../../messages/messages.tsx'

/** A new device's token, as text and as a picture for its camera. */
export function TokenOnce({ deviceId, token }: { deviceId: string; token: string | null }) {
  const { t } = useMessages()
  if (token === null) return <p className="note waiting">{t('devices.token.gone')}</p>
  return (
    <>
      <p>{t('devices.token.lead', { device: deviceId })}</p>
      <QrCode text={token} label={t('devices.token.qr')} />
      <code className="token" data-testid="token">
        {token}
      </code>
      <CopyButton value={token}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy}>
            {t(copied ? 'copied' : 'copy')}
          </Button>
        )}
      </CopyButton>
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
