import { themes } from '@fieldsync/design'
import { preferredLanguage, preferredUnits } from '@fieldsync/messages'
import { StatusBar } from 'expo-status-bar'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { useColorScheme, View } from 'react-native'
import { SafeAreaProvider } from 'react-native-safe-area-context'

import { type AppSettings, FIRST_SETTINGS, isWiped } from '../data/app-settings.ts'
import { Failures, FailuresContext } from '../data/failures.ts'
import { type SettingsAccess, SettingsContext } from '../data/settings-context.ts'
import { TextsContext } from '../messages/messages-context.ts'
import { textsIn } from '../messages/messages.ts'
import { NavigationContext } from '../navigation/navigation-context.ts'
import { PlatformContext } from '../platform/platform-context.ts'
import type { Platform } from '../platform/platform.ts'
import { type Theme, ThemeContext } from '../theme/theme-context.ts'
import { ClientHolder } from './client-holder.tsx'
import { FirstStart } from './first-start.tsx'
import { Frame } from './frame.tsx'
import { UnreadSettings } from './unopened-store.tsx'
import { useStoredSettings } from './use-stored-settings.ts'
import { RemoveWiped } from './wiped.tsx'

/** The app on a platform: settings first, since they say in which colors and words, and for which device. */
export function App({ platform }: { readonly platform: Platform }) {
  const [failures] = useState(() => new Failures())
  const stored = useStoredSettings(platform, failures)
  if (stored.state === 'reading') return null
  const isRead = stored.state === 'read'
  // Without them the app looks as the device does.
  const access = isRead ? stored.access : NO_SETTINGS
  const { settings } = access
  return (
    <PlatformContext value={platform}>
      <NavigationContext value={platform.navigation}>
        <SettingsContext value={access}>
          <FailuresContext value={failures}>
            <Looks platform={platform} settings={settings}>
              {!isRead && <UnreadSettings failure={stored.failure} onRetry={stored.retry} />}
              {isRead && settings.deviceId === '' && <FirstStart />}
              {isRead && isWiped(settings) && <RemoveWiped />}
              {isRead && settings.deviceId !== '' && !isWiped(settings) && (
                <ClientHolder>
                  <Frame />
                </ClientHolder>
              )}
            </Looks>
          </FailuresContext>
        </SettingsContext>
      </NavigationContext>
    </PlatformContext>
  )
}

const NO_SETTINGS: SettingsAccess = { settings: FIRST_SETTINGS, change: () => undefined }

type LooksProps = {
  readonly platform: Platform
  readonly settings: AppSettings
  readonly children: ReactNode
}

/** Colors and words by the settings, or as the device has them. */
function Looks({ platform, settings, children }: LooksProps) {
  const system = useColorScheme() === 'dark' ? 'dark' : 'light'
  const name = settings.theme === 'system' ? system : settings.theme
  const theme = useMemo((): Theme => ({ name, colors: themes[name] }), [name])
  const language = settings.language === 'system' ? preferredLanguage(platform.languages) : settings.language
  const units = settings.units === 'system' ? preferredUnits(platform.languages) : settings.units
  const { ground, focus } = theme.colors
  useEffect(() => platform.paint({ ground, focus, theme: name }), [platform, ground, focus, name])
  return (
    <ThemeContext value={theme}>
      <TextsContext value={textsIn(language, units)}>
        <SafeAreaProvider>
          <StatusBar style="light" />
          <View style={{ flex: 1, backgroundColor: ground }}>{children}</View>
        </SafeAreaProvider>
      </TextsContext>
    </ThemeContext>
  )
}
