import { themes } from '@fieldsync/design'
import { preferredLanguage } from '@fieldsync/messages'
import { StatusBar } from 'expo-status-bar'
import { type ReactNode, useEffect, useMemo } from 'react'
import { useColorScheme, View } from 'react-native'
import { SafeAreaProvider } from 'react-native-safe-area-context'

import { type Theme, ThemeContext } from '../look/theme-context.ts'
import { NavigationContext } from '../navigation/navigation-context.ts'
import { PlatformContext } from '../platform/platform-context.ts'
import type { Platform } from '../platform/platform.ts'
import type { AppSettings } from '../settings/app-settings.ts'
import { SettingsContext } from '../settings/settings-context.ts'
import { ClientHolder } from '../sync/client-holder.tsx'
import { TextsContext } from '../texts/texts-context.ts'
import { textsIn } from '../texts/texts.ts'
import { FirstStart } from './first-start.tsx'
import { Frame } from './frame.tsx'
import { useStoredSettings } from './use-stored-settings.ts'

/** The app on a platform: settings first, since they say in which colours and words, and for which device. */
export function App({ platform }: { readonly platform: Platform }) {
  const access = useStoredSettings(platform)
  if (access === undefined) return null
  const { settings } = access
  return (
    <PlatformContext value={platform}>
      <NavigationContext value={platform.navigation}>
        <SettingsContext value={access}>
          <Looks platform={platform} settings={settings}>
            {settings.deviceId === '' && <FirstStart />}
            {settings.deviceId !== '' && (
              <ClientHolder>
                <Frame />
              </ClientHolder>
            )}
          </Looks>
        </SettingsContext>
      </NavigationContext>
    </PlatformContext>
  )
}

type LooksProps = {
  readonly platform: Platform
  readonly settings: AppSettings
  readonly children: ReactNode
}

/** Colours and words by the settings, or as the device has them. */
function Looks({ platform, settings, children }: LooksProps) {
  const system = useColorScheme() === 'dark' ? 'dark' : 'light'
  const name = settings.theme === 'system' ? system : settings.theme
  const theme = useMemo((): Theme => ({ name, colors: themes[name] }), [name])
  const language = settings.language === 'system' ? preferredLanguage(platform.languages) : settings.language
  const { ground, focus } = theme.colors
  useEffect(() => platform.paint({ ground, focus, theme: name }), [platform, ground, focus, name])
  return (
    <ThemeContext value={theme}>
      <TextsContext value={textsIn(language)}>
        <SafeAreaProvider>
          <StatusBar style="light" />
          <View style={{ flex: 1, backgroundColor: ground }}>{children}</View>
        </SafeAreaProvider>
      </TextsContext>
    </ThemeContext>
  )
}
