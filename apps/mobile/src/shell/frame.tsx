import { size, space } from '@fieldsync/design'
import {
  Component,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react'
import { type ScrollView, useWindowDimensions, View } from 'react-native'

import { useSyncStatus } from '../data/client-context.ts'
import { useFailures } from '../data/failures.ts'
import { linkState } from '../data/link-state.ts'
import { useSettings } from '../data/settings-context.ts'
import { flushInputs } from '../data/unsaved-input.ts'
import { useOpenedLink } from '../data/use-opened-link.ts'
import { storeFailure } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import type { Say } from '../messages/messages.ts'
import { useGo, usePath } from '../navigation/navigation-context.ts'
import { parentOf, type Route, routeOf } from '../navigation/routes.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { Badge } from '../ui/badge.tsx'
import { Empty } from '../ui/empty.tsx'
import { Notice } from '../ui/notice.tsx'
import { enter } from '../ui/reveal.ts'
import { Page } from './page.tsx'
import { Screen } from './screen.tsx'
import { Tabs } from './tabs.tsx'
import { TopBar } from './top-bar.tsx'

/** What is around every screen: the bar at the top, the sections below, or beside where there is room. */
export function Frame() {
  const { t } = useTexts()
  const go = useGo()
  const path = usePath()
  const route = routeOf(path)
  const isWide = useWindowDimensions().width >= size.wide
  const title = titleOf(t, route)
  const parent = parentOf(route)
  const back = parent === null ? undefined : () => go.back(parent)
  const main = useEntered(path)
  const swipe = useSwipeBack(back)
  useLinkToSettings()
  return (
    <View style={{ flex: 1, flexDirection: isWide ? 'row' : 'column' }} {...swipe}>
      {isWide && <Tabs route={route} isWide />}
      <View style={{ flex: 1 }}>
        <TopBar
          title={title}
          badge={<LinkBadge />}
          back={back && { label: t('app.back'), icon: 'back', onPress: back }}
          action={settingsAction(route, t('tab.settings'), () => go.to({ screen: 'settings' }))}
        />
        <UpdateNotice />
        <FailureNotice />
        <Page key={path} label={title} ref={main}>
          <ScreenGuard>
            <Screen route={route} />
          </ScreenGuard>
        </Page>
      </View>
      {!isWide && <Tabs route={route} />}
    </View>
  )
}

/** The column of the screen, into which the focus moves when it opens; where the app starts, a browser has it already. */
function useEntered(path: string) {
  const main = useRef<ScrollView>(null)
  const shown = useRef(path)
  useEffect(() => {
    if (shown.current === path) return
    shown.current = path
    enter(main.current)
  }, [path])
  return main
}

/** Where the phone has no back button of its own, a swipe from the edge does what the arrow at the top does. */
function useSwipeBack(back: (() => void) | undefined) {
  const { swipeBack } = usePlatform()
  const latest = useRef(back)
  useEffect(() => {
    latest.current = back
  }, [back])
  return useMemo(() => swipeBack(() => latest.current?.()), [swipeBack])
}

/** A link that would set this device up again is asked about where its connection is. */
function useLinkToSettings(): void {
  const link = useOpenedLink()
  const go = useGo()
  const show = useEffectEvent(() => go.to({ screen: 'settings' }))
  useEffect(() => {
    if (link !== null) show()
  }, [link])
}

const settingsAction = (route: Route, label: string, onPress: () => void) =>
  route.screen === 'settings' ? undefined : ({ label, icon: 'settings', onPress } as const)

/** Narrower than this, the words do not fit beside a title. */
const ROOM_FOR_WORDS = 380

/** How the way to the server stands, on every screen. */
function LinkBadge() {
  const { t } = useTexts()
  const status = useSyncStatus()
  const { state, tone, icon } = linkState(status, useSettings().settings)
  const label = state === 'localOnly' ? t('link.localOnly', { count: status.localOnly }) : t(`link.${state}`)
  const isNarrow = useWindowDimensions().width < ROOM_FOR_WORDS
  return (
    <View role="status">
      <Badge tone={tone} icon={icon} label={label} isSignOnly={isNarrow} />
    </View>
  )
}

/** Tells of a newer version of the app; the person says when, since a form may be half filled in. */
function UpdateNotice() {
  const { t } = useTexts()
  const { update } = usePlatform()
  const isWaiting = useSyncExternalStore(update.subscribe, update.isWaiting)
  if (!isWaiting) return null
  return (
    <View style={{ padding: space.m }}>
      <Notice
        tone="moving"
        icon="sync"
        text={t('app.update')}
        action={{
          label: t('app.update.action'),
          onPress: () => void flushInputs().then(update.apply, update.apply),
        }}
      />
    </View>
  )
}

/** What went wrong beside what the person did: shown until it is over. */
function FailureNotice() {
  const { t } = useTexts()
  const failures = useFailures()
  const failure = useSyncExternalStore(failures.subscribe, failures.first)
  if (failure === undefined) return null
  const { error, retry } = failure
  const words = retry === undefined ? 'app.listener' : 'app.unread'
  const { text, details } = storeFailure(t, error)
  return (
    <View style={{ padding: space.m }}>
      <Notice
        tone="broken"
        text={t(words, { message: text })}
        details={details}
        action={{
          label: retry === undefined ? t('app.understood') : t('app.retry'),
          onPress: () => failures.retryAll(),
        }}
      />
    </View>
  )
}

/** What a screen is called, at its top and in the browser's own list. */
function titleOf(t: Say, { screen }: Route): string {
  switch (screen) {
    case 'home':
      return t('app.name')
    case 'new':
      return t('note.new.title')
    case 'history':
      return t('history.title')
    case 'observation':
      return t('detail.title')
    case 'edit':
      return t('note.edit.title')
    case 'correct':
      return t('note.correct.title')
    case 'conflicts':
      return t('conflicts.title')
    case 'conflict':
      return t('conflict.title')
    case 'fix':
      return t('note.fix.title')
    case 'playbook':
      return t('playbook.title')
    case 'value':
      return t('value.title')
    case 'recommendations':
      return t('recommendations.title')
    case 'recommendation':
      return t('recommendation.title')
    case 'settings':
      return t('settings.title')
    case 'missing':
      return t('app.missing.title')
  }
}

type Props = { readonly children: ReactNode }
type State = { readonly failure: string | undefined }

/** Keeps a screen that fails from taking the app with it: the others, and the export of what is unsent, still work. */
class ScreenGuard extends Component<Props, State> {
  override state: State = { failure: undefined }

  static getDerivedStateFromError(error: unknown): State {
    return { failure: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    const { failure } = this.state
    return failure === undefined ? this.props.children : <BrokenScreen failure={failure} />
  }
}

function BrokenScreen({ failure }: { readonly failure: string }) {
  const { t } = useTexts()
  const go = useGo()
  return (
    <Empty
      icon="warning"
      title={t('app.broken.title')}
      text={t('app.broken.text')}
      details={failure}
      action={{ label: t('app.broken.action'), onPress: () => go.to({ screen: 'settings' }) }}
    />
  )
}
