import { isLanguage, isUnitSystem, LANGUAGES, UNIT_SYSTEMS } from '@fieldsync/messages'
import { NativeSelect, useMantineColorScheme } from '@mantine/core'

import { useMessages } from '../messages/messages.tsx'

const NAMES = { en: 'English', es: 'Español' } as const

/** Language, units and colors, kept in this browser. */
export function Preferences() {
  const { t, language, formats, choose, chooseUnits } = useMessages()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <div className="row">
      <NativeSelect
        aria-label={t('language')}
        size="xs"
        value={language}
        onChange={({ currentTarget: { value } }) => isLanguage(value) && choose(value)}
        data={LANGUAGES.map((value) => ({ value, label: NAMES[value] }))}
      />
      <NativeSelect
        aria-label={t('units')}
        size="xs"
        value={formats.units}
        onChange={({ currentTarget: { value } }) => isUnitSystem(value) && chooseUnits(value)}
        data={UNIT_SYSTEMS.map((value) => ({ value, label: t(`units.${value}`) }))}
      />
      <NativeSelect
        aria-label={t('theme')}
        size="xs"
        value={colorScheme}
        onChange={({ currentTarget: { value } }) =>
          setColorScheme(value === 'light' || value === 'dark' ? value : 'auto')
        }
        data={[
          { value: 'auto', label: t('theme.auto') },
          { value: 'light', label: t('theme.light') },
          { value: 'dark', label: t('theme.dark') },
        ]}
      />
    </div>
  )
}
