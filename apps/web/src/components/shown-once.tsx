import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import makeQrCode from 'qrcode-generator'
import { type ReactNode, useEffect, useMemo, useState } from 'react'

import { useMessages } from '../messages/messages.tsx'

type Props = {
  /** Undefined where it was shown before. */
  readonly text: string | undefined
  /** What it is, for tests. */
  readonly name: string
  /** A picture of it for a camera is described like this; without a description there is none. */
  readonly qrLabel?: string
  /** What is lost with it, before it is left without a copy. */
  readonly sure: string
  /** In the place of a text that was shown before. */
  readonly gone: string
  readonly done: () => void
  /** Above and below it. */
  readonly lead: ReactNode
  readonly children?: ReactNode
}

/** A text that cannot be shown again: nobody leaves without a copy by a slip (APP-47). */
export function ShownOnce({ text, name, qrLabel, sure, gone, done, lead, children }: Props) {
  const { t } = useMessages()
  const copy = useCopy()
  const [asking, setAsking] = useState(false)
  const unsaved = text !== undefined && !copy.isCopied
  useEffect(() => {
    if (!unsaved) return undefined
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [unsaved])
  if (text === undefined) return <Gone text={gone} done={done} />
  return (
    <>
      {lead}
      {qrLabel === undefined ? null : <QrCode text={text} label={qrLabel} />}
      <code className="token" data-testid={name}>
        {text}
      </code>
      {children}
      <CopyButton copy={copy} text={text} />
      {asking && unsaved ? (
        <div className="note waiting" role="alert">
          <p>{sure}</p>
          <Button variant="default" size="xs" onClick={done}>
            {t('once.close')}
          </Button>
        </div>
      ) : (
        <Button variant="default" onClick={() => (unsaved ? setAsking(true) : done())}>
          {t('once.done')}
        </Button>
      )}
    </>
  )
}

/** In the place of what was shown before. */
export function Gone({ text, done }: { text: string; done: () => void }) {
  const { t } = useMessages()
  return (
    <>
      <p className="note waiting">{text}</p>
      <Button onClick={done}>{t('close')}</Button>
    </>
  )
}

/** Whether a text was copied, from the first time on. */
export function useCopy() {
  const clipboard = useClipboard()
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    // The library's own flag falls back after a moment.
    if (clipboard.copied) setCopied(true)
  }, [clipboard.copied])
  return { clipboard, isCopied }
}

type CopyProps = { readonly copy: ReturnType<typeof useCopy>; readonly text: string }

export function CopyButton({ copy: { clipboard }, text }: CopyProps) {
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
export function QrCode({ text, label }: { text: string; label: string }) {
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
