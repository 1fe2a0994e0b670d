import { isLanguage, LANGUAGES } from '@fieldsync/messages'
import { NativeSelect, useMantineColorScheme } from '@mantine/core'

import { useMessages } from '../messages/messages.tsx'

const NAMES = { en: 'English', es: 'Español' } as const

/** Language and colors, kept in this browser. */
export function Preferences() {
  const { t, language, choose } = useMessages()
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
