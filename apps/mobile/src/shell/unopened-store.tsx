import { space } from '@fieldsync/design'
import { useEffect, useState } from 'react'
import { View } from 'react-native'

import { messageOf, openingFailure } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo, usePath } from '../navigation/navigation-context.ts'
import { routeOf } from '../navigation/routes.ts'
import { RawExportCard } from '../settings/raw-export-card.tsx'
import { ThemeCard } from '../settings/theme-card.tsx'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loading } from '../ui/loading.tsx'
import { Text } from '../ui/text.tsx'
import { Page } from './page.tsx'
import { TopBar } from './top-bar.tsx'

/** Opening takes a moment; after this time the screen says that it takes longer, and what can be done. */
const LONG_MS = 2_000

type OpeningProps = { readonly onRetry: () => void }

/** While the store is being opened. */
export function OpeningStore({ onRetry }: OpeningProps) {
  const { t } = useTexts()
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS)
    return () => clearTimeout(timer)
  }, [])
  if (!isLong) return <Loading label={t('app.loading')} />
  return <WithoutStore title={t('app.slow.title')} text={t('app.slow.text')} onRetry={onRetry} />
}

type UnopenedProps = OpeningProps & { readonly failure: unknown }

/** In place of the app where its store does not open: why, what helps, and what still works (APP-8). */
export function UnopenedStore({ failure, onRetry }: UnopenedProps) {
  const { t } = useTexts()
  return (
    <WithoutStore
      title={t('app.failed.title')}
      text={t(`app.failed.${openingFailure(failure)}`)}
      cause={t('app.failed.cause', { message: messageOf(failure) })}
      onRetry={onRetry}
    />
  )
}

/** In place of the app where its settings cannot be read: this is no new device, and its notes are still there (APP-9). */
export function UnreadSettings({ failure, onRetry }: UnopenedProps) {
  const { t } = useTexts()
  return (
    <>
      <TopBar title={t('app.name')} />
      <Page label={t('app.name')}>
        <View style={{ gap: space.l }}>
          <Empty
            icon="warning"
            title={t('app.unread.title')}
            text={t('app.unread.text')}
            action={{ label: t('app.retry'), onPress: onRetry }}
          />
          <Text soft>{t('app.failed.cause', { message: messageOf(failure) })}</Text>
          <RawExportCard />
        </View>
      </Page>
    </>
  )
}

type Props = OpeningProps & { readonly title: string; readonly text: string; readonly cause?: string }

/** Settings and an export need no store. */
function WithoutStore({ title, text, cause, onRetry }: Props) {
  const { t } = useTexts()
  const go = useGo()
  const isSettings = routeOf(usePath()).screen === 'settings'
  const back = { label: t('app.back'), icon: 'back', onPress: () => go.back({ screen: 'home' }) } as const
  const settings = {
    label: t('tab.settings'),
    icon: 'settings',
    onPress: () => go.to({ screen: 'settings' }),
  } as const
  const screen = isSettings ? t('settings.title') : t('app.name')
  return (
    <>
      <TopBar
        title={screen}
        back={isSettings ? back : undefined}
        action={isSettings ? undefined : settings}
      />
      <Page label={screen}>
        <View style={{ gap: space.l }}>
          <Empty
            icon="warning"
            title={title}
            text={text}
            action={{ label: t('app.retry'), onPress: onRetry }}
          />
          {cause !== undefined && <Text soft>{cause}</Text>}
          {isSettings ? (
            <ThemeCard />
          ) : (
            <Button wide icon="settings" label={t('tab.settings')} onPress={settings.onPress} />
          )}
          <RawExportCard />
        </View>
      </Page>
    </>
  )
}
