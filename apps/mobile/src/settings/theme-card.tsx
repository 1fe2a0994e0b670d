import { LANGUAGES, UNIT_SYSTEMS } from '@fieldsync/messages'

import { THEMES } from '../data/app-settings.ts'
import { useSettings } from '../data/settings-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Card } from '../ui/card.tsx'
import { Choice } from '../ui/choice.tsx'
import { Heading } from '../ui/heading.tsx'

const SPOKEN = ['system', ...LANGUAGES] as const
const UNITS = ['system', ...UNIT_SYSTEMS] as const

/** Theme, language and units. */
export function ThemeCard() {
  const { t } = useTexts()
  const { settings, change } = useSettings()
  return (
    <Card>
      <Heading level={2}>{t('settings.look')}</Heading>
      <Choice
        label={t('settings.theme')}
        pick="one"
        options={THEMES.map((value) => ({ value, label: t(`settings.theme.${value}`) }))}
        chosen={[settings.theme]}
        onChange={(theme) => change({ theme })}
      />
      <Choice
        label={t('settings.language')}
        pick="one"
        options={SPOKEN.map((value) => ({ value, label: t(`settings.language.${value}`) }))}
        chosen={[settings.language]}
        onChange={(language) => change({ language })}
      />
      <Choice
        label={t('settings.units')}
        pick="one"
        options={UNITS.map((value) => ({ value, label: t(`settings.units.${value}`) }))}
        chosen={[settings.units]}
        onChange={(units) => change({ units })}
      />
    </Card>
  )
}
