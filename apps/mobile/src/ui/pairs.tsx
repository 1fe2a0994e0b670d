import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { useColors } from '../theme/theme-context.ts'
import { Words } from './text.tsx'

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
          <Words as="note" soft style={{ width: 140 }}>
            {name}
          </Words>
          <Words style={{ flexGrow: 1, flexShrink: 1, flexBasis: 140 }}>{value}</Words>
        </View>
      ))}
    </View>
  )
}
