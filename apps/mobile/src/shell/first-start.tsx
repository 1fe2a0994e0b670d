import { useTexts } from '../messages/messages-context.ts'
import { SetupScreen } from '../settings/setup-screen.tsx'
import { Page } from './page.tsx'
import { TopBar } from './top-bar.tsx'

/** The app before it knows which device it is on. */
export function FirstStart() {
  const { t } = useTexts()
  return (
    <>
      <TopBar title={t('setup.title')} />
      <Page>
        <SetupScreen />
      </Page>
    </>
  )
}
