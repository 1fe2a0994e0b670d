import { ConflictScreen, FixScreen } from '../conflicts/conflict-screen.tsx'
import { ConflictsScreen } from '../conflicts/conflicts-screen.tsx'
import { HistoryScreen } from '../history/history-screen.tsx'
import { NoteScreen } from '../history/note-screen.tsx'
import { HomeScreen } from '../home/home-screen.tsx'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import type { Route } from '../navigation/routes.ts'
import { NewNoteScreen } from '../note/new-note-screen.tsx'
import { StoredNoteScreen } from '../note/stored-note-screen.tsx'
import { PlaybookScreen } from '../playbook/playbook-screen.tsx'
import { ValueScreen } from '../playbook/value-screen.tsx'
import { RecommendationScreen } from '../recommendations/recommendation-screen.tsx'
import { RecommendationsScreen } from '../recommendations/recommendations-screen.tsx'
import { SettingsScreen } from '../settings/settings-screen.tsx'
import { Empty } from '../ui/empty.tsx'

/** The screen of a place. */
export function Screen({ route }: { readonly route: Route }) {
  switch (route.screen) {
    case 'home':
      return <HomeScreen />
    case 'new':
      return <NewNoteScreen />
    case 'history':
      return <HistoryScreen />
    case 'observation':
      return <NoteScreen id={route.id} />
    case 'edit':
    case 'correct':
      return <StoredNoteScreen id={route.id} as={route.screen} />
    case 'conflicts':
      return <ConflictsScreen />
    case 'conflict':
      return <ConflictScreen id={route.id} />
    case 'fix':
      return <FixScreen id={route.id} />
    case 'playbook':
      return <PlaybookScreen />
    case 'value':
      return <ValueScreen playbookId={route.playbookId} pointer={route.pointer} />
    case 'recommendations':
      return <RecommendationsScreen />
    case 'recommendation':
      return <RecommendationScreen id={route.id} />
    case 'settings':
      return <SettingsScreen />
    case 'missing':
      return <MissingScreen />
  }
}

function MissingScreen() {
  const { t } = useTexts()
  const go = useGo()
  return (
    <Empty
      icon="leaf"
      title={t('app.missing.title')}
      text={t('app.missing.text')}
      action={{ label: t('app.missing.action'), onPress: () => go.replace({ screen: 'home' }) }}
    />
  )
}
