import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'

import { Page } from '../components/page.tsx'
import { useMessages } from '../messages/messages.tsx'

/** For an address that is no page. */
export function MissingPage() {
  const { t } = useMessages()
  return (
    <Page title={t('missing.title')} lead={t('missing.lead')}>
      <p>
        <Link to="/">{t('missing.home')}</Link>
      </p>
    </Page>
  )
}

/** For a page that has failed: whatever it was, the rest of the console still works. */
export function BrokenPage() {
  const { t } = useMessages()
  return (
    <Page title={t('broken.title')} lead={t('broken.lead')}>
      <p>
        <Button onClick={() => globalThis.location.reload()}>{t('broken.reload')}</Button>
      </p>
    </Page>
  )
}
