import { size } from '@fieldsync/design'
import { useEffect } from 'react'
import { useWindowDimensions, View } from 'react-native'

import { useTexts } from '../messages/messages-context.ts'
import { useGo, usePath } from '../navigation/navigation-context.ts'
import { parentOf, type Route, routeOf } from '../navigation/routes.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { FailureNotice } from './failure-notice.tsx'
import { LinkBadge } from './link-badge.tsx'
import { Page } from './page.tsx'
import { ScreenGuard } from './screen-guard.tsx'
import { titleOf } from './screen-title.ts'
import { Screen } from './screen.tsx'
import { Tabs } from './tabs.tsx'
import { TopBar } from './top-bar.tsx'
import { UpdateNotice } from './update-notice.tsx'

/** What is around every screen: the bar at the top, the sections below, or beside where there is room. */
export function Frame() {
  const texts = useTexts()
  const { t, language } = texts
  const platform = usePlatform()
  const go = useGo()
  const path = usePath()
  const route = routeOf(path)
  const isWide = useWindowDimensions().width >= size.wide
  const title = titleOf(t, route)
  useEffect(() => platform.setTitle(title, language), [platform, title, language])
  const parent = parentOf(route)
  return (
    <View style={{ flex: 1, flexDirection: isWide ? 'row' : 'column' }}>
      {isWide && <Tabs route={route} isWide />}
      <View style={{ flex: 1 }}>
        <TopBar
          title={title}
          badge={<LinkBadge />}
          back={
            parent === null
              ? undefined
              : { label: t('app.back'), icon: 'back', onPress: () => go.back(parent) }
          }
          action={settingsAction(route, t('tab.settings'), () => go.to({ screen: 'settings' }))}
        />
        <UpdateNotice />
        <FailureNotice />
        <Page key={path}>
          <ScreenGuard>
            <Screen route={route} />
          </ScreenGuard>
        </Page>
      </View>
      {!isWide && <Tabs route={route} />}
    </View>
  )
}

const settingsAction = (route: Route, label: string, onPress: () => void) =>
  route.screen === 'settings' ? undefined : ({ label, icon: 'settings', onPress } as const)
