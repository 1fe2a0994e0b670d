import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { useColors } from '../theme/theme-context.ts'
import { Text } from './text.tsx'

/** Names with their values, one under the other. */
export function Pairs({ pairs }: { readonly pairs: readonly (readonly [name: string, value: string])[] }) {
  const colors = useColors()
  return (
    <View>
      {pairs.map(([name, value], index) => (
        <View
          key={name}
          style={{
            flexDirection: 'row',
            flexWrap: 'wrap',
            columnGap: space.l,
            paddingVertical: space.s,
            borderTopWidth: index === 0 ? 0 : 1,
            borderColor: colors.line,
          }}
        >
          <Text as="note" soft style={{ width: 140 }}>
            {name}
          </Text>
          <Text style={{ flexGrow: 1, flexShrink: 1, flexBasis: 140 }}>{value}</Text>
        </View>
      ))}
    </View>
  )
}
