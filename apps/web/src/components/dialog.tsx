import { Modal } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'

import { useMessages } from '../messages/messages.tsx'
import { focusHeading } from './page.tsx'

type Props = {
  title: string
  close: () => void
  /** Whether Escape, the cross and a click beside it close it too; else only its own buttons do. */
  closesBySlip?: boolean
  children: ReactNode
}

/** A window over the page, which has what is behind it wait; the focus returns to what opened it. */
export function Dialog({ title, close, closesBySlip = true, children }: Props) {
  const { t } = useMessages()
  const [opener] = useState(() => document.activeElement)
  useEffect(
    // The library returns it only where a window stays mounted while it is closed.
    () => () => (opener instanceof HTMLElement && opener.isConnected ? opener.focus() : focusHeading()),
    [opener],
  )
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      lockScroll={false}
      closeOnClickOutside={closesBySlip}
      closeOnEscape={closesBySlip}
      withCloseButton={closesBySlip}
      closeButtonProps={{ 'aria-label': t('close') }}
      // The library's own element would be a second banner of the page.
      attributes={{ header: { role: 'presentation' } }}
    >
      {children}
    </Modal>
  )
}
