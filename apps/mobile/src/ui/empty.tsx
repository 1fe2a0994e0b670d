import { radius, space } from '@fieldsync/design'
import { View } from 'react-native'

import type { IconName } from '../theme/icon-paths.ts'
import { useColors } from '../theme/theme-context.ts'
import { Button } from './button.tsx'
import { Details } from './details.tsx'
import { Heading } from './heading.tsx'
import { Icon } from './icon.tsx'
import { Text } from './text.tsx'

type Props = {
  readonly icon: IconName
  readonly title: string
  readonly text: string
  /** What a program says of it, in its own language. */
  readonly details?: string
  readonly action?: { readonly label: string; readonly onPress: () => void }
}

/** In place of what is not there: why, and what to do. */
export function Empty({ icon, title, text, details, action }: Props) {
  const colors = useColors()
  return (
    <View
      style={{
        alignItems: 'center',
        gap: space.m,
        paddingVertical: space.xxl,
        paddingHorizontal: space.l,
        borderRadius: radius.l,
        borderWidth: 1,
        borderColor: colors.line,
        backgroundColor: colors.surface,
      }}
    >
      <View
        style={{
          width: 72,
          height: 72,
          borderRadius: radius.round,
          backgroundColor: colors.primarySoft,
          alignItems: 'center',
          justifyContent: 'center',
        }}
      >
        <Icon name={icon} color={colors.onPrimarySoft} large={36} />
      </View>
      <Heading level={2} isCentered>
        {title}
      </Heading>
      <Text soft style={{ textAlign: 'center', maxWidth: 420 }}>
        {text}
      </Text>
      {details !== undefined && <Details text={details} />}
      {action !== undefined && (
        <View style={{ marginTop: space.s }}>
          <Button kind="primary" label={action.label} onPress={action.onPress} />
        </View>
      )}
    </View>
  )
}
