import { useMantineColorScheme } from '@mantine/core'
import { useLayoutEffect } from 'react'

/** Tells the design's style sheet which theme was chosen; by itself it follows the platform. */
export function FollowColors() {
  const { colorScheme } = useMantineColorScheme()
  useLayoutEffect(() => {
    const { dataset } = document.documentElement
    if (colorScheme === 'auto') delete dataset['theme']
    else dataset['theme'] = colorScheme
  }, [colorScheme])
  return null
}
