import { Modal } from '@mantine/core'
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react'

import { useMessages } from '../messages/messages.tsx'
import { reauthentication } from '../server/reauthentication.ts'
import { focusHeading } from './page.tsx'

type Props = {
  title: string
  close: () => void
  /** Whether Escape, the cross and a click beside it close it too; else only its own buttons do. */
  closesBySlip?: boolean
  /** It is over any other window, which stays open behind it. */
  isOverAll?: boolean
  children: ReactNode
}

/** A window over the page, which has what is behind it wait; the focus returns to what opened it. */
export function Dialog({ title, close, closesBySlip = true, isOverAll = false, children }: Props) {
  const { t } = useMessages()
  const isCovered = useSyncExternalStore(reauthentication.subscribe, reauthentication.isAsked) && !isOverAll
  const closes = closesBySlip && !isCovered
  const [opener] = useState(() => document.activeElement)
  useEffect(
    // The library returns it only where a window stays mounted while it is closed.
    () => () => returnFocus(opener),
    [opener],
  )
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      lockScroll={false}
      closeOnClickOutside={closes}
      closeOnEscape={closes}
      withCloseButton={closesBySlip}
      closeButtonProps={{ 'aria-label': t('close') }}
      // The library's own element would be a second banner of the page.
      attributes={{ header: { role: 'presentation' } }}
    >
      {children}
    </Modal>
  )
}

/** To what had the focus; to the heading where that is gone, or goes a moment later by what was done in the window. */
function returnFocus(opener: Element | null): void {
  if (!(opener instanceof HTMLElement && opener.isConnected)) return focusHeading()
  opener.focus()
  const observer = new MutationObserver(() => {
    const { activeElement } = document
    if (activeElement === opener) return
    observer.disconnect()
    if (!opener.isConnected && activeElement === document.body) focusHeading()
  })
  observer.observe(document.body, { childList: true, subtree: true })
}
