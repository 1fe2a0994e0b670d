import { size } from '@fieldsync/design'
import Svg, { Path } from 'react-native-svg'

import { type IconName, ICONS } from '../theme/icon-paths.ts'

type Props = { readonly name: IconName; readonly color: string; readonly large?: number }

/** A sign beside words that say the same: nothing for a screen reader. */
export function Icon({ name, color, large = size.icon }: Props) {
  return (
    <Svg width={large} height={large} viewBox="0 0 24 24" aria-hidden style={{ flexShrink: 0 }}>
      {ICONS[name].map((path) => (
        <Path
          key={path}
          d={path}
          stroke={color}
          strokeWidth={2}
          strokeLinecap="round"
          strokeLinejoin="round"
          fill="none"
        />
      ))}
    </Svg>
  )
}
