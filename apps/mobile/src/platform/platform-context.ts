import { createContext, use } from 'react'

import type { Platform } from './platform.ts'

export const PlatformContext = createContext<Platform | null>(null)

export function usePlatform(): Platform {
  const platform = use(PlatformContext)
  if (platform === null) throw new Error('no PlatformContext around this component')
  return platform
}
