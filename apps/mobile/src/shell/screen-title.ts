import type { Say } from '../messages/messages.ts'
import type { Route } from '../navigation/routes.ts'

/** What a screen is called, at its top and in the browser's own list. */
export function titleOf(t: Say, { screen }: Route): string {
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
    case 'settings':
      return t('settings.title')
    case 'missing':
      return t('app.missing.title')
  }
}
