import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'

import { useMessages } from '../messages/messages.tsx'

type Props = {
  title: string
  close: () => void
  /** Whether Escape, the cross and a click beside it close it too; else only its own buttons do. */
  closesBySlip?: boolean
  children: ReactNode
}

/** A window over the page, which has what is behind it wait. */
export function Dialog({ title, close, closesBySlip = true, children }: Props) {
  const { t } = useMessages()
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
