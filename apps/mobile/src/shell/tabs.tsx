import { radius, space } from '@fieldsync/design'
import { Platform, View } from 'react-native'
import { useSafeAreaInsets } from 'react-native-safe-area-context'

import { PlaceLink } from '../components/place-link.tsx'
import { useSyncStatus } from '../data/client-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { parentOf, type Route } from '../navigation/routes.ts'
import type { IconName } from '../theme/icon-paths.ts'
import { useColors } from '../theme/theme-context.ts'
import { Icon } from '../ui/icon.tsx'
import { Text } from '../ui/text.tsx'

const TABS = [
  { screen: 'home', icon: 'home' },
  { screen: 'history', icon: 'notes' },
  { screen: 'conflicts', icon: 'conflict' },
  { screen: 'playbook', icon: 'playbook' },
] as const satisfies readonly { screen: Route['screen']; icon: IconName }[]

type Tab = (typeof TABS)[number]

/** The app's sections; the conflicts' with the number of what waits there. */
export function Tabs({ route, isWide = false }: { readonly route: Route; readonly isWide?: boolean }) {
  const { t } = useTexts()
  const colors = useColors()
  const { bottom, top } = useSafeAreaInsets()
  const { conflicts, quarantined } = useSyncStatus()
  const section = sectionOf(route)
  return (
    <View
      role="navigation"
      aria-label={t('app.goTo')}
      style={{
        backgroundColor: colors.surface,
        borderColor: colors.line,
        ...(isWide
          ? { width: 216, borderRightWidth: 1, padding: space.m, paddingTop: top + space.l, gap: space.xs }
          : { flexDirection: 'row', borderTopWidth: 1, paddingBottom: bottom }),
      }}
    >
      {TABS.map((tab) => (
        <TabLink
          key={tab.screen}
          tab={tab}
          isHere={section === tab.screen}
          isWide={isWide}
          count={tab.screen === 'conflicts' ? conflicts + quarantined : 0}
        />
      ))}
    </View>
  )
}

/** The topmost place above a route; `missing` is below none, though an arrow leads from it to Home. */
function sectionOf(route: Route): Route['screen'] {
  const parent = route.screen === 'missing' ? null : parentOf(route)
  return parent === null ? route.screen : sectionOf(parent)
}

type TabLinkProps = {
  readonly tab: Tab
  readonly isHere: boolean
  readonly isWide: boolean
  readonly count: number
}

function TabLink({ tab: { screen, icon }, isHere, isWide, count }: TabLinkProps) {
  const { t } = useTexts()
  const colors = useColors()
  const color = isHere ? colors.onPrimarySoft : colors.inkSoft
  const label = t(`tab.${screen}`)
  // A browser reads which one is open; a phone hears it as chosen.
  const here = hereIn(isHere)
  return (
    <PlaceLink
      to={{ screen }}
      {...here}
      style={{
        flex: isWide ? undefined : 1,
        minHeight: isWide ? 52 : 64,
        flexDirection: isWide ? 'row' : 'column',
        alignItems: 'center',
        justifyContent: isWide ? 'flex-start' : 'center',
        gap: isWide ? space.m : 2,
        paddingHorizontal: isWide ? space.m : 0,
        borderRadius: isWide ? radius.m : 0,
        backgroundColor: isHere && isWide ? colors.primarySoft : colors.surface,
      }}
    >
      <View
        style={{
          paddingHorizontal: isWide ? 0 : space.l,
          paddingVertical: 2,
          borderRadius: radius.round,
          backgroundColor: isHere ? colors.primarySoft : colors.surface,
        }}
      >
        <Icon name={icon} color={color} />
      </View>
      <Text as={isWide ? 'label' : 'small'} color={color} lines={1}>
        {label}
      </Text>
      {count > 0 && <CountBubble count={count} isWide={isWide} />}
    </PlaceLink>
  )
}

function hereIn(isHere: boolean): Record<string, unknown> {
  if (!isHere) return {}
  return Platform.OS === 'web' ? { 'aria-current': 'page' } : { 'aria-selected': true }
}

function CountBubble({ count, isWide }: { readonly count: number; readonly isWide: boolean }) {
  const { formats } = useTexts()
  const colors = useColors()
  return (
    <View
      style={{
        ...(isWide ? { marginLeft: 'auto' } : { position: 'absolute', top: 4, left: '56%' }),
        minWidth: 22,
        height: 22,
        paddingHorizontal: 6,
        borderRadius: radius.round,
        backgroundColor: colors.danger,
        alignItems: 'center',
        justifyContent: 'center',
      }}
    >
      <Text as="small" color={colors.onDanger}>
        {formats.number(count)}
      </Text>
    </View>
  )
}
